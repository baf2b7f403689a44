// What a client is told: a notice with their copy of the message, on whose yes it went, and who opened it since
// (docs/spec/receipts.md). The page that they read is made from these by `notice_text.ts`; nothing is worded here.

import { type CaseFile, flowOf, readFlow } from "../keys/casefile.ts";
import type { Signed } from "../keys/signed.ts";
import { checkReceipt } from "../keys/trust.ts";
import { verify } from "../keys/verification.ts";
import { told } from "../protocol/age.ts";
import { refuse } from "../protocol/errors.ts";
import {
  type Acknowledgement, type Conference, type Consent, type Countersignature, partyKey, senderParty,
} from "../protocol/objects.ts";
import type { Line, NoticeFacts, Opened, Said } from "../protocol/texts/notice_facts.ts";
import { renderNotice } from "../protocol/texts/notice_text.ts";
import { READING, WORDS } from "../protocol/words.ts";
import { bytesOf, type DeadlineItem, exhibitsOf, type NoticeItem } from "./api.ts";
import { counted } from "./chains.ts";
import { type ClientCopy, openCopy } from "./copies.ts";
import type { Family, Phone } from "./phone.ts";

// One notice, verified. `consents` are those of the message that this person may see, `children` those they are told
// for, `events` what readers said of the message, oldest first. `unconsented` are sections (`D`) that went when no
// consent that the message names counted, by this person's own chains: the relay that accepted them was lied to or lies
// (attack 7). `deadlines` are what is owed about the message. `stopped`: a consent that it rests on was taken back
// since.
export interface ClientNotice {
  readonly notice: Signed<"notice">;
  readonly copy: ClientCopy;
  readonly consents: readonly Consent[];
  readonly children: ReadonlySet<string>;
  readonly events: readonly Signed<"acknowledgement">[];
  readonly unconsented: readonly string[];
  readonly deadlines: readonly DeadlineItem[];
  readonly stopped: boolean;
}

type Chains = CaseFile["chains"];

// What is read with every notice: this person's own consents by `D`, the chains, and all that they are owed.
export interface Beside {
  readonly family: Family;
  readonly consents: ReadonlyMap<string, Signed<"consent">>;
  readonly chains: Chains;
  readonly deadlines: readonly DeadlineItem[];
}

// The notice itself, as the relay states it. Refuses `notice.foreign`: of another person or message.
export async function verifiedNotice(phone: Phone, item: NoticeItem, family: Family): Promise<Signed<"notice">> {
  const notice = await verify(bytesOf(item.notice), "notice", family.file.trust);
  if (notice.object.person !== phone.person || notice.object.manifest !== item.manifest) refuse("notice.foreign");
  return notice;
}

// One notice with all that belongs to it. Refuses `notice.foreign`, `event.foreign`, and as `openCopy`.
export async function readNotice(phone: Phone, item: NoticeItem, beside: Beside): Promise<ClientNotice> {
  const { family, chains } = beside;
  const notice = await verifiedNotice(phone, item, family);
  // Events first: the setting that comes with the message afterwards knows every device that can have signed one.
  const shown = await phone.relay.events(item.manifest);
  const copy = await openCopy(phone, notice, family, shown);
  const events: Signed<"acknowledgement">[] = [];
  for (const { kind, d, data, receipt } of exhibitsOf(shown)) {
    if (kind === "acknowledgement") events.push(await eventOf(phone, d, data, receipt, item.manifest, copy.file));
  }
  const { basis } = copy.manifest.object;
  const named = new Set(basis?.is === "consent" ? basis.consents : []);
  const people = [phone.person, ...family.children];
  return {
    notice, copy,
    consents: [...named].flatMap((d) => beside.consents.get(d)?.object ?? []),
    children: toldFor(family, phone.person, copy.place.at),
    events: events.sort((left, right) => (left.place?.index ?? 0) - (right.place?.index ?? 0)),
    unconsented: unconsented(copy, named, people, chains),
    deadlines: beside.deadlines.filter((each) => each.message === copy.manifest.d),
    stopped: isStopped(named, people, chains),
  };
}

function isStopped(named: ReadonlySet<string>, people: readonly string[], chains: Chains): boolean {
  const own = [...chains].filter(([flow]) => people.includes(readFlow(flow)[0])).flatMap(([, chain]) => chain);
  return own.some((held) => held.kind === "revocation" && held.object.revokes.some((d) => named.has(d)));
}

// The sections about these people that rested on nothing when they were accepted.
function unconsented(
  copy: ClientCopy, named: ReadonlySet<string>, people: readonly string[], chains: Chains,
): string[] {
  if (named.size === 0) return [];
  const { from, to } = copy.manifest.object;
  const [sender, recipient] = [partyKey(senderParty(from)), partyKey(to)];
  const restsOn = (person: string): boolean => {
    const found = counted(chains.get(flowOf(person, sender, recipient)) ?? [], copy.place);
    return [...named].some((d) => found.has(d));
  };
  return copy.sections
    .map((section) => section.entry)
    .filter((entry) => entry.object.about.some((person) => people.includes(person) && !restsOn(person)))
    .map((entry) => entry.d);
}

function toldFor(family: Family, person: string, at: number): Set<string> {
  const others = [...family.file.clients].filter(([name]) => name !== person);
  return new Set(others.filter(([, client]) => told(client.current, at).includes(person)).map(([name]) => name));
}

async function eventOf(
  phone: Phone, d: string, data: Parameters<typeof verify>[0], receipt: typeof data | null, manifest: string,
  file: CaseFile,
): Promise<Signed<"acknowledgement">> {
  if (receipt === null) return refuse("log.receipt");
  const found = await checkReceipt(receipt, d, file.trust, file.setting.directory.object.log_key);
  await phone.view.compareLog(found.seen, file);
  const held = await verify(data, "acknowledgement", file.trust, found.place);
  if (held.object.manifest !== manifest || !speaks(held.object)) refuse("event.foreign");
  // What the reader saw of the log: whoever is shown another one than this phone is found out here.
  await phone.view.compareSeen(held.object.seen, held.object.at, file);
  return held;
}

// Whether who signs may say this: a reader of themselves; a worker also of a person whom they told or wrote for.
function speaks({ by, reader, event }: Acknowledgement): boolean {
  const byWorker = by.partner !== undefined && reader.person !== undefined;
  const recorded = event === "told" || WORDS[event].recorded === true;
  return (byWorker && recorded) || partyKey(senderParty(by)) === partyKey(reader);
}

// Who opened it: organisation, function, and when they say so (UTC seconds).
export function openedOf({ events, copy: { file } }: ClientNotice): Opened[] {
  const found: Opened[] = [];
  for (const { object, place } of events) {
    const { partner, device } = object.by;
    if (object.event !== "opened" || partner === undefined || device === undefined) continue;
    const known = file.setting.deviceAt(partner, device, place);
    if (known === undefined) continue;
    found.push({ organisation: file.setting.names(partner)[0] ?? partner, function: known.function, at: object.at });
  }
  return found;
}

// What partners and this person said of it, who opened it apart, oldest first.
export const saidOf = ({ events }: ClientNotice): Said[] =>
  events
    .map((held) => held.object)
    .filter((word) => !READING.has(word.event))
    .map((word) => ({ who: word.reader, event: word.event, codes: word.codes, at: word.at }));

// The table that the message is for, or null.
export function conferenceOf({ copy }: ClientNotice): Conference | null {
  const { thread } = copy.manifest.object;
  return thread === undefined ? null : (copy.file.records.newest("conference", thread)?.object ?? null);
}

// The second looks that workers took at the message.
export const looksOf = ({ copy }: ClientNotice): Countersignature[] =>
  copy.file.records.all("countersignature", copy.manifest.d).map((held) => held.object);

// The page of a notice as this person reads it at `now`; `done` are codes of follow-ups that were met. Refuses
// `text.*`.
export function pageOf(
  notice: ClientNotice, person: string, now: number, language: string, done: readonly string[] = [],
): Line[] {
  const { copy } = notice;
  const { setting } = copy.file;
  const manifest = copy.manifest.object;
  const names = setting.namesNow();
  const { partner, device } = manifest.from;
  const known = partner !== undefined && device !== undefined;
  const sender = known ? setting.deviceAt(partner, device, copy.place) : undefined;
  const facts: NoticeFacts = {
    person, children: notice.children, acceptedAt: copy.place.at, now, names,
    functions: new Map(sender === undefined ? [] : [[sender.device, sender.function]]),
    sector: setting.member(manifest.to.partner)?.sector ?? null, consents: notice.consents, opened: openedOf(notice),
    done, codes: notice.notice.object.codes, said: saidOf(notice), deadlines: notice.deadlines,
    conference: conferenceOf(notice), looked: looksOf(notice), stopped: notice.stopped,
  };
  const entries = copy.sections.map((section) => section.entry.object);
  return renderNotice(manifest, entries, facts, setting.rulebook.object, language);
}
