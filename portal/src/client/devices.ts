// Which passkeys count for this person: one more, one less, and a replacement that they did not ask for
// (docs/spec/persons.md).
//
// A record that changes passkeys alone is signed by the identity key alone (decision 0050). It ends a replacement that
// waits.

import { newNonce } from "../keys/nonce.ts";
import { refuse } from "../protocol/errors.ts";
import type { ClientKey } from "../protocol/objects.ts";
import { forgetPasskey, type MadePasskey, makePasskey, type Passkey, touchHeld } from "./passkey.ts";
import type { Family, Phone } from "./phone.ts";
import { forgetWayIn, keepWayIn, wayInFor } from "./ways_in.ts";

// A passkey that counts: since when (UTC seconds), and how it opens the seed (null: it signs, and opens nothing).
export interface Way {
  readonly credential: string;
  readonly since: number;
  readonly here: boolean;
  readonly opens: "prf" | "device" | null;
}

// The passkeys that count, the oldest first.
export async function listPasskeys(phone: Phone): Promise<Way[]> {
  const [{ me, key }, { items }] = await Promise.all([phone.family(), phone.relay.waysIn()]);
  const found = key.object.passkeys.map(({ credential }): Way & { readonly index: number } => {
    const first = me.keys.find((held) => held.object.passkeys.some((passkey) => passkey.credential === credential));
    const line = items.find((item) => item.credential === credential);
    const opens = line === undefined || line.kind === "code" ? null : line.kind;
    const { at: since, index } = first?.place ?? { at: 0, index: 0 };
    return { credential, since, here: credential === phone.credential, opens, index };
  });
  // By their place in the log: two may be of one second.
  return found.sort((one, other) => one.index - other.index).map(({ index: _, ...way }) => way);
}

// Makes a passkey on this device, lists it, keeps the seed under it; returns its credential id. A device that has one
// that counts keeps it: its way in was lost, with the browser's storage or at the relay, and is stored anew. Refuses
// as `Phone.family` and `makePasskey`.
export async function addPasskey(phone: Phone): Promise<string> {
  const family = await phone.family();
  const listed = family.key.object.passkeys;
  let made: MadePasskey;
  try {
    made = await makePasskey(phone.rpId, listed.map((passkey) => passkey.credential));
  } catch (error) {
    if (error instanceof DOMException && error.name === "InvalidStateError") return renewWayIn(phone, listed);
    throw error;
  }
  const { credential } = made.passkey;
  try {
    const entry = await wayInFor(phone.seed.whole, made);
    await change(phone, family, [...listed, made.passkey]);
    await keepWayIn(phone, entry);
  } catch (error) {
    const now = await phone.family().catch(() => null);
    const counts = now === null || now.key.object.passkeys.some((passkey) => passkey.credential === credential);
    // What the relay may have taken is kept until it is known that it did not.
    if (!counts) await forgetPasskey(phone.rpId, credential).then(() => forgetWayIn(credential));
    throw error;
  }
  phone.credential = credential;
  await phone.family();
  return credential;
}

async function renewWayIn(phone: Phone, listed: readonly Passkey[]): Promise<string> {
  const held = await touchHeld(phone.rpId, listed);
  await keepWayIn(phone, await wayInFor(phone.seed.whole, held));
  phone.credential = held.passkey.credential;
  return held.passkey.credential;
}

// Leaves a passkey out: it signs and opens nothing any more. Refuses `client-key.last-passkey`, and as `Phone.family`.
export async function removePasskey(phone: Phone, credential: string): Promise<void> {
  const family = await phone.family();
  const left = family.key.object.passkeys.filter((passkey) => passkey.credential !== credential);
  if (left.length === 0) refuse("client-key.last-passkey");
  if (credential === phone.credential) phone.credential = null;
  await change(phone, family, left);
  await forgetWayIn(credential);
  await forgetPasskey(phone.rpId, credential);
  await phone.family();
}

// A replacement of this person's keys: whoever did not ask for it stops it. `partner` began it, `vouched` joined since.
export interface WaitingKeys {
  readonly words: readonly string[];
  readonly effectiveAt: number;
  readonly partner: string;
  readonly vouched: readonly string[];
}

export async function waitingKeys(phone: Phone): Promise<WaitingKeys | null> {
  const { me } = await phone.family();
  const held = me.waitingNow(phone.clock());
  if (held?.object.effective_at === undefined) return null;
  const { effective_at: effectiveAt, partner } = held.object;
  const vouched = me.vouchers(held);
  vouched.delete(partner);
  // A replacement is rare, and the list of words is long.
  const { wordsOfRecord } = await import("../protocol/enrolment.ts");
  return { words: await wordsOfRecord(held.d), effectiveAt, partner, vouched: [...vouched].sort() };
}

// Stops that replacement by stating the keys in force once more; no worker is needed. Refuses
// `client-key.nothing-waits`.
export async function keepKeys(phone: Phone): Promise<void> {
  const family = await phone.family();
  if (family.me.waitingNow(phone.clock()) === undefined) refuse("client-key.nothing-waits");
  await change(phone, family, family.key.object.passkeys);
}

async function change(phone: Phone, { me, key }: Family, passkeys: readonly Passkey[]): Promise<void> {
  const last = me.keys.at(-1) ?? key;
  const { effective_at: _, ...said } = key.object;
  const record: ClientKey = {
    ...said, nonce: newNonce(), version: last.object.version + 1, prev: last.d,
    passkeys: [...passkeys].sort((one, other) => (one.credential < other.credential ? -1 : 1)),
  };
  await phone.say("client-key", record);
}
