// A person's message, sealed and signed on their phone: sections first, then the manifest, then the wraps.
//
// One key binds all of it: the writer's identity key. What that is, and who reads it, is in docs/spec/message.md.
// Loaded only when somebody writes.

import { v7 } from "uuid";

import type { CaseFile } from "../keys/casefile.ts";
import { newNonce } from "../keys/nonce.ts";
import { wrapInfo } from "../keys/bindings.ts";
import { type SealedSection, sealSection } from "../keys/sealing_sections.ts";
import { wrap } from "../keys/wraps.ts";
import { toldTogether } from "../protocol/age.ts";
import { type Bytes, toUrl, utf8 } from "../protocol/bytes.ts";
import { digest, sealEnvelope, typeOf } from "../protocol/dsse.ts";
import { encode } from "../protocol/encoding.ts";
import {
  type Entry, type Kind, KINDS, type Manifest, type Party, partyKey, type Payload, type Wraps,
} from "../protocol/objects.ts";
import type { Submission } from "./api.ts";
import { NOTE_MEDIA } from "./content/notes.ts";
import type { Phone } from "./phone.ts";

const KIND = "client-message";
const INLINE_BYTES = 65_536;
// Why another holder of authority does not read what a parent writes about their child; that it was sent, they see.
const NOT_THEIRS = "other-parents-words";
// Why a trusted adult does not read what a young person writes, where they have no key to read it with.
const THEIR_OWN_HELP = "own-help-of-young-person";

// A text of one's own: of which category or part, about whom.
export interface Words {
  readonly type: string;
  readonly about: readonly string[];
  readonly text: string;
}

// What a person wrote: to which partner, what for, and which conversation or message it answers.
export interface Letter {
  readonly to: string;
  readonly sections: readonly Words[];
  readonly purpose: string;
  readonly thread?: string;
  readonly answers?: string;
}

// A public seal key, and the `D` of what published it.
export interface PublicKey {
  readonly source: string;
  readonly key: string;
}

export interface SealedLetter {
  readonly d: string;
  readonly submission: Submission;
  readonly uploads: readonly SealedSection[];
  readonly told: ReadonlySet<string>;
}

// Seals and signs a letter; `partnerKeys` are those of the partner's inbox devices.
export async function sealLetter(
  phone: Phone, file: CaseFile, letter: Letter, partnerKeys: readonly PublicKey[],
): Promise<SealedLetter> {
  const now = phone.clock();
  const id = v7({ msecs: now * 1000 });
  const seals: SealedSection[] = [];
  const entries = letter.sections.map((words, n): Entry => {
    const about = [...words.about].sort();
    const context = {
      huis: phone.huis, message: id, sender: phone.seed.identityKey, household: phone.household, n, type: words.type,
      form: "whole", about, media: NOTE_MEDIA,
    };
    const seal = sealSection(context, utf8(JSON.stringify({ text: words.text })));
    seals.push(seal);
    return entryOf(phone, file, letter, { n, type: words.type, about }, seal, now);
  });
  const bodies = entries.map((entry) => encode(entry));
  const manifest: Manifest = {
    v: 1, huis: phone.huis, nonce: newNonce(), id, kind: KIND, from: { person: phone.person },
    directory: file.setting.directory.d, to: { partner: letter.to }, household: phone.household,
    purpose: letter.purpose,
    ...(letter.thread === undefined ? {} : { thread: letter.thread }),
    entries: bodies.map((body) => digest(typeOf("entry"), body)), follow_up: [], seen: { ...phone.view.seen },
    created: now,
    ...(letter.answers === undefined ? {} : { answers: letter.answers }),
  };
  const d = digest(typeOf("manifest"), encode(manifest));
  const readers = new Map(entries.flatMap((entry) => entry.readers).map((party) => [partyKey(party), party]));
  const wraps: Bytes[] = [];
  for (const [, reader] of [...readers].sort(([left], [right]) => (left < right ? -1 : 1))) {
    const keys = reader.person === undefined ? partnerKeys : keysOfPerson(file, reader.person, now);
    wraps.push(envelopeOf(phone, "wraps", await wrapsOf(phone, d, reader, keys, entries, seals)));
  }
  const inline = seals.filter((seal) => seal.blob.length <= INLINE_BYTES);
  return {
    d,
    submission: {
      manifest: envelopeOf(phone, "manifest", manifest), entries: bodies.map(toUrl), wraps,
      sections: inline.map((seal) => ({ ct: seal.ct, body: toUrl(seal.blob) })),
    },
    uploads: seals.filter((seal) => seal.blob.length > INLINE_BYTES),
    told: new Set(entries.flatMap((entry) => [...toldOf(file, entry.about, now)])),
  };
}

const envelopeOf = <K extends Kind>(phone: Phone, kind: K, object: Payload<K>): Bytes =>
  sealEnvelope(typeOf(kind), encode(KINDS[kind].read(object)), [phone.sign(kind, object)]);

const toldOf = (file: CaseFile, about: readonly string[], now: number): ReadonlySet<string> =>
  toldTogether(about.flatMap((person) => file.clients.get(person)?.current ?? []), now);

// Who reads a section: the partner, whoever wrote it, and everyone told whose keys this phone may see; the others with
// a reason.
function entryOf(
  phone: Phone, file: CaseFile, { to }: Letter, of: { n: number; type: string; about: string[] }, seal: SealedSection,
  now: number,
): Entry {
  const others = [...toldOf(file, of.about, now)].filter((person) => person !== phone.person);
  const reading = others.filter((person) => keysOfPerson(file, person, now).length > 0);
  const readers: Party[] = [{ partner: to }, { person: phone.person }, ...reading.map((person) => ({ person }))];
  const trusted = new Set(of.about.flatMap((person) => file.clients.get(person)?.current.trusted ?? []));
  return {
    v: 1, huis: phone.huis, nonce: newNonce(), n: of.n, type: of.type, form: "whole", about: of.about,
    media: NOTE_MEDIA,
    padded: seal.padded, ct: seal.ct, kc: seal.kc,
    readers: readers.sort((left, right) => (partyKey(left) < partyKey(right) ? -1 : 1)),
    withheld: others
      .filter((person) => !reading.includes(person))
      .sort()
      .map((person) => ({ person, reason: trusted.has(person) ? THEIR_OWN_HELP : NOT_THEIRS })),
  };
}

function keysOfPerson(file: CaseFile, person: string, now: number): PublicKey[] {
  const held = file.clients.get(person)?.keyNow(now);
  return held === undefined ? [] : [{ source: held.d, key: held.object.seal_key }];
}

async function wrapsOf(
  phone: Phone, manifest: string, reader: Party, keys: readonly PublicKey[], entries: readonly Entry[],
  seals: readonly SealedSection[],
): Promise<Wraps> {
  const own = entries.filter((entry) => entry.readers.some((party) => partyKey(party) === partyKey(reader)));
  const numbers = own.map((entry) => entry.n);
  const secrets = numbers.map((n) => seals[n]?.key).filter((key) => key !== undefined);
  const boxes: Wraps["wraps"] = [];
  for (const { source, key } of keys) {
    const info = (digestOfKey: string): Bytes =>
      wrapInfo({ manifest, sealer: phone.seed.identityKey, reader, keys: source, key: digestOfKey, entries: numbers });
    const { box, digest: named } = await wrap(secrets, key, info);
    boxes.push({ source, key: named, entries: numbers, box });
  }
  return {
    v: 1, huis: phone.huis, nonce: newNonce(), manifest, reader, sealer: { person: phone.person }, wraps: boxes
  };
}
