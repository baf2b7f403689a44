// Choosing how one is pinged: the next version of one's contact, the address sealed to the relay's worker
// (docs/spec/contact.md). A ping says that something is new, and nothing else.

import { newNonce } from "../keys/nonce.ts";
import { verify } from "../keys/verification.ts";
import { openEnvelope } from "../protocol/dsse.ts";
import { fromUrl, toUrl } from "../protocol/bytes.ts";
import { decode } from "../protocol/encoding.ts";
import { KINDS, type Payload } from "../protocol/objects.ts";
import { bytesOf } from "./api.ts";
import type { Phone } from "./phone.ts";
import { RelayProblem } from "./problems.ts";

export type Contact = Payload<"contact">;

// What a person chose. `address` null: no pings.
export interface Choice {
  readonly address: string | null;
  readonly wording: "plain" | "short";
  readonly language: string;
}

const DAYTIME = { opens: 9, closes: 19 };

// The contact that stands, as the relay holds it, or null. What it says of the address only the relay's worker can
// read.
export async function contactOf(phone: Phone): Promise<{ object: Contact; d: string } | null> {
  try {
    const { body, d } = openEnvelope(bytesOf((await phone.relay.contact(phone.person)).object));
    return { object: decode(body, KINDS.contact), d };
  } catch (error) {
    if (error instanceof RelayProblem && error.code === "contact.unknown") return null;
    throw error;
  }
}

// States the next version. The key is the relay's by the directory's word: no other gets to see the address. Refuses
// `contact.address`, `signature.*` for a key that the relay did not sign, and as `Phone.say`.
export async function chooseContact(phone: Phone, choice: Choice): Promise<void> {
  const file = await phone.believe(await phone.relay.setting());
  const before = await contactOf(phone);
  let sealed: Pick<Contact, "key" | "sealed"> = {};
  if (choice.address !== null) {
    const stated = await verify(bytesOf((await phone.relay.contactKey()).object), "contact-key", file.trust);
    const { sealAddress } = await import("../keys/contact_box.ts");
    const { key } = stated.object;
    sealed = { key, sealed: toUrl(sealAddress(fromUrl(key, 32), phone.person, choice.address)) };
  }
  const contact: Contact = {
    v: 1, huis: phone.huis, nonce: newNonce(), person: phone.person, version: (before?.object.version ?? 0) + 1,
    by: { person: phone.person }, wording: choice.address === null ? "none" : choice.wording, language: choice.language,
    hours: before?.object.hours ?? DAYTIME, ...sealed, at: phone.clock(),
    ...(before === null ? {} : { prev: before.d }),
  };
  await phone.say("contact", contact);
}
