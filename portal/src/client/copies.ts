// The client copy: one message as its person may read it, verified to the last link, and opened with their own key only
// when they ask to read it (docs/spec/message.md).
//
// What the relay does wrong is an error, and nothing is shown: a notice without its receipt, a section left out, keys
// from elsewhere. What the sender did wrong is a problem of that section alone, and the rest is read (attacks 10, 13,
// 19 to 25). Never here: words for people.

import { contextOf } from "../keys/bindings.ts";
import { type CaseFile, readEntries } from "../keys/casefile.ts";
import type { Place, Signed } from "../keys/signed.ts";
import { checkReceipt, exhibit } from "../keys/trust.ts";
import { verify } from "../keys/verification.ts";
import { fromUrl } from "../protocol/bytes.ts";
import { ProtocolError, refuse } from "../protocol/errors.ts";
import {
  type Manifest, type Party, partyKey, sameParty, senderParty, type Wraps,
} from "../protocol/objects.ts";
import { type Bundle, bytesOf, type Delivery } from "./api.ts";
import { sidesOf } from "./message_sides.ts";
import type { Content } from "./opening.ts";
import { firstNotice, foundSections } from "./over_broad.ts";
import type { Family, Phone } from "./phone.ts";
import { RelayProblem } from "./problems.ts";

// A section about this person that they neither read nor are given a reason for (attack 23).
export const HIDDEN = "section.hidden";
const WITHOUT_DEVICE = "without-device";
// What was read long ago is not kept for ever; the page still says what it was.
const GONE = new Set(["blob.unknown", "message.erased"]);

// One section that this person is told of. `withheld`: a reason of the rulebook's list; `problem`: the code of what is
// wrong with it, as far as is known without opening; `readable`: it may be opened. None of the three: a part that the
// rulebook gives to others only.
export interface CopySection {
  readonly entry: Signed<"entry">;
  readonly withheld: string | null;
  readonly problem: string | null;
  readonly readable: boolean;
}

// What opening one gave: its content, or the code of what is wrong with it.
export interface OpenedSection {
  readonly section: CopySection;
  readonly content: Content | null;
  readonly problem: string | null;
}

// A message in one person's own copy. `place`: where and when it was accepted; `wraps`: the keys of this person.
export interface ClientCopy {
  readonly manifest: Signed<"manifest">;
  readonly place: Place;
  readonly receipt: Signed<"receipt">;
  readonly wraps: Signed<"wraps"> | null;
  readonly sections: readonly CopySection[];
  readonly file: CaseFile;
}

const has = (parties: readonly Party[], one: Party): boolean => parties.some((each) => sameParty(each, one));

// Has the message of a notice handed out, and returns this person's copy of it. `beside` is what the relay showed of
// the message before, of which the keys and records are read with it. A notice that something was over-broad came later
// than the message: the steward's finding is what it rests on, and it shows the sections that it names.
//
// Refuses `notice.receipt` (the receipt does not name this notice), `notice.finding`, `notice.entry-missing` (the relay
// left out a section that the notice names), `entry.not-yours`, `delivery.foreign`, `wraps.receipt`, `wraps.foreign`,
// `wraps.sealer`, and what verification refuses; throws RelayProblem, RelayUnreachable.
export async function openCopy(
  phone: Phone, notice: Signed<"notice">, family: Family, beside: Bundle,
): Promise<ClientCopy> {
  const delivery = await phone.relay.deliver(notice.object.manifest);
  const believed = await phone.believe(together(delivery.evidence, beside));
  // The setting came with the message, and the keys of another person who wrote it. This family was verified before,
  // and no other keys are taken for theirs.
  const file = withFamily(believed, family);
  const first = await firstNotice(notice, delivery, file);
  const { receipt, place } = await checkedReceipt(phone, first, delivery, file);
  const manifest = await verify(bytesOf(delivery.manifest), "manifest", file.trust, place);
  if (manifest.d !== notice.object.manifest) refuse("delivery.foreign");
  await phone.view.compareSeen(manifest.object.seen, manifest.object.created, file);
  sidesOf(phone).set(manifest.d, [senderParty(manifest.object.from), manifest.object.to]);
  const reader: Party = { person: phone.person };
  let entries = entriesOf(manifest.object, delivery, first.object.entries, reader);
  if (first !== notice) entries = foundSections(file, manifest.d, entries, notice.object);
  let wraps: Signed<"wraps"> | null = null;
  if (entries.some((held) => has(held.object.readers, reader))) {
    if (delivery.wraps === undefined) refuse("wraps.receipt");
    wraps = await verify(bytesOf(delivery.wraps ?? {}), "wraps", file.trust, place);
    checkWraps(wraps, receipt, manifest, reader);
  }
  const problem = notice.object.codes.includes(WITHOUT_DEVICE) ? WITHOUT_DEVICE : null;
  const sections = entries.map((held) => sectionOf(phone.person, held, file, wraps?.object ?? null, problem));
  return { manifest, place, receipt, wraps, sections, file };
}

function withFamily(file: CaseFile, { file: { clients: known } }: Family): CaseFile {
  const clients = new Map([...file.clients, ...known]);
  file.trust.clients = clients;
  return { ...file, clients };
}

// Both as one, each object once.
function together(evidence: Bundle, beside: Bundle): Bundle {
  const shown = new Map([...evidence.items, ...beside.items].map((item) => [JSON.stringify(item.object), item]));
  return { items: [...shown.values()] };
}

async function checkedReceipt(phone: Phone, notice: Signed<"notice">, delivery: Delivery, file: CaseFile) {
  const logKey = file.setting.directory.object.log_key;
  const found = await checkReceipt(bytesOf(delivery.receipt), notice.object.manifest, file.trust, logKey);
  await phone.view.compareLog(found.seen, file);
  const handed = delivery.notice === undefined ? notice.d : exhibit(bytesOf(delivery.notice)).d;
  if (!found.receipt.object.notices.includes(notice.d) || handed !== notice.d) refuse("notice.receipt");
  return found;
}

// The sections that this person is told of: all that the notice names, and none of somebody else's.
function entriesOf(manifest: Manifest, delivery: Delivery, named: readonly string[], reader: Party): Signed<"entry">[] {
  const payloads = delivery.entries.map((text) => fromUrl(text));
  const entries = readEntries(manifest, payloads, false).map((object): Signed<"entry"> => ({
    // What was read has the number of its place in the manifest, which names it.
    kind: "entry", d: manifest.entries[object.n] ?? "", object, signers: [], place: null,
  }));
  if (named.some((d) => !entries.some((held) => held.d === d))) refuse("notice.entry-missing");
  const foreign = entries.some((held) => !named.includes(held.d) && !has(held.object.readers, reader));
  return foreign ? refuse("entry.not-yours") : entries;
}

function checkWraps(
  { d, object }: Signed<"wraps">, receipt: Signed<"receipt">, manifest: Signed<"manifest">, reader: Party,
): void {
  if (!receipt.object.wraps.includes(d)) refuse("wraps.receipt");
  if (object.manifest !== manifest.d || !sameParty(object.reader, reader)) refuse("wraps.foreign");
  const { from } = manifest.object;
  const same = partyKey(object.sealer) === partyKey(from) && object.sealer.device === from.device;
  if (!same) refuse("wraps.sealer");
}

function sectionOf(
  person: string, entry: Signed<"entry">, file: CaseFile, wraps: Wraps | null, problem: string | null,
): CopySection {
  const { object } = entry;
  if (has(object.readers, { person })) {
    return { entry, withheld: null, problem: wraps === null ? "wraps.entries" : null, readable: wraps !== null };
  }
  const withheld = object.withheld.find((item) => item.person === person)?.reason ?? null;
  const part = file.setting.rulebook.object.parts.find((rule) => rule.id === object.type);
  const forOthers = part !== undefined && !part.readers.includes("client");
  return { entry, withheld, problem: withheld !== null || forOthers ? null : (problem ?? HIDDEN), readable: false };
}

// Opens the sections that this person reads, in their order, each as soon as it is there. What is wrong with one is
// said of that one; throws RelayProblem and RelayUnreachable for what is no fault of it. libsodium and HPKE are loaded
// here.
export async function* openSections(phone: Phone, copy: ClientCopy): AsyncGenerator<OpenedSection> {
  if (copy.wraps === null || !copy.sections.some((section) => section.readable)) return;
  const { openContent, unwrapKeys } = await import("./opening.ts");
  const sender = senderKey(copy.manifest);
  const reader: Party = { person: phone.person };
  const unwrapped = await unwrapKeys(copy.wraps.object.wraps, copy.manifest.d, sender, reader, phone.seed.sealSeed);
  for (const section of copy.sections.filter((each) => each.readable)) {
    const { object: entry } = section.entry;
    const key = unwrapped.keys.get(entry.n);
    if (key === undefined) {
      yield { section, content: null, problem: unwrapped.problem ?? "wraps.entries" };
      continue;
    }
    try {
      const context = contextOf(copy.manifest.object, entry, sender);
      yield { section, content: await openContent(phone.relay, context, key, entry), problem: null };
    } catch (error) {
      const own = error instanceof ProtocolError || (error instanceof RelayProblem && GONE.has(error.code));
      if (!own) throw error;
      yield { section, content: null, problem: error.code };
    }
  }
}

// The public key that signed a manifest: what its sections and wraps are bound to.
export function senderKey(manifest: Signed<"manifest">): string {
  const signer = manifest.signers.find(({ role }) => role === "device" || role === "identity");
  return signer?.key ?? refuse("signature.missing");
}
