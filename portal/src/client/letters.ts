// A message that a person writes on their own phone: sealed there, signed with their identity key, sent (article 6).
//
// Rules bind partners, not families: a person may send anything about themselves, or about a child for whom they speak,
// to any partner of the Huis. Whether it may go is the relay's to judge, which has the same rules; nothing leaves in
// the clear before that, or after. What such a message binds is in docs/spec/message.md.

import type { CaseFile } from "../keys/casefile.ts";
import { checkReceipt } from "../keys/trust.ts";
import { verify } from "../keys/verification.ts";
import { openEnvelope } from "../protocol/dsse.ts";
import { refuse } from "../protocol/errors.ts";
import { exhibitsOf } from "./api.ts";
import { flowsOf } from "./chains.ts";
import type { ClientNotice } from "./notices.ts";
import type { Phone } from "./phone.ts";
import type { Letter, PublicKey, Words } from "./sealing_out.ts";
import { askAnew } from "./told.ts";

export type { Letter, Words } from "./sealing_out.ts";

// Seals a letter and has the relay accept it; returns its `D` once the receipt holds. Refuses `letter.no-keys` (nobody
// there can open a message now), `receipt.wraps` and `receipt.notices` (a receipt for less than was sent), and whatever
// does not verify; raises `RelayProblem` with all refusals, `RelayUnreachable`.
export async function send(phone: Phone, letter: Letter): Promise<string> {
  const file = await evidence(phone, letter);
  const { sealLetter } = await import("./sealing_out.ts");
  const sealed = await sealLetter(phone, file, letter, await keysOf(phone, letter.to));
  for (const seal of sealed.uploads) await phone.relay.upload(seal.ct, seal.blob);
  const data = await phone.relay.submitMessage(sealed.submission);
  const { receipt, seen } = await checkReceipt(data, sealed.d, file.trust, file.setting.directory.object.log_key);
  await phone.view.compareLog(seen, file);
  const sent = new Set(sealed.submission.wraps.map((data) => openEnvelope(data).d));
  const { wraps, notices } = receipt.object;
  if (wraps.length !== sent.size || wraps.some((d) => !sent.has(d))) refuse("receipt.wraps");
  if (notices.length < sealed.told.size) refuse("receipt.notices");
  askAnew(phone);
  return sealed.d;
}

// Answers a partner's question, about whom it was asked. Refuses `question.not-asked`, and as `send`.
export async function answer(phone: Phone, question: ClientNotice, text: string): Promise<string> {
  const { manifest, sections } = question.copy;
  const partner = manifest.object.from.partner;
  if (partner === undefined || manifest.object.to.person !== phone.person) return refuse("question.not-asked");
  const named = new Set(sections.flatMap((section) => section.entry.object.about));
  const about = [phone.person, ...question.children].filter((person) => named.has(person)).sort();
  const words: Words = { type: "answer", about, text };
  return send(phone, {
    to: partner, sections: [words], purpose: "voice", thread: manifest.object.thread ?? manifest.object.id,
    answers: manifest.d,
  });
}

// What the letter will be judged by. The setting is believed only as everything else that this phone acts on.
async function evidence(phone: Phone, letter: Letter): Promise<CaseFile> {
  await phone.family();
  const persons = [...new Set([phone.person, ...letter.sections.flatMap((section) => section.about)])].sort();
  const from = { person: phone.person };
  const to = { partner: letter.to };
  const bundle = await phone.relay.evidence({
    persons, from, to, ...(letter.thread === undefined ? {} : { thread: letter.thread }), household: phone.household,
    ...(letter.answers === undefined ? {} : { answers: letter.answers }),
  });
  return phone.believe(bundle, flowsOf(persons, `person:${phone.person}`, `partner:${letter.to}`));
}

// The sealing keys that are in force of a partner's inbox devices, each with the `D` of what published it.
async function keysOf(phone: Phone, partner: string): Promise<PublicKey[]> {
  const bundle = await phone.relay.prekeys(partner);
  const file = await phone.believe(bundle);
  const readers = file.trust.devices(partner, null).filter((device) => device.inbox);
  const inbox = new Set(readers.map((device) => device.device));
  const found: PublicKey[] = [];
  for (const shown of exhibitsOf(bundle).filter((item) => item.kind === "prekeys")) {
    const held = await verify(shown.data, "prekeys", file.trust);
    if (held.object.partner !== partner || !inbox.has(held.object.device)) continue;
    await phone.view.pinPrekeys(held);
    const now = phone.clock();
    const current = [...held.object.keys].reverse().find((key) => key.not_before <= now && now < key.not_after);
    if (current !== undefined) found.push({ source: held.d, key: current.seal_key });
  }
  return found.length > 0 ? found : refuse("letter.no-keys");
}
