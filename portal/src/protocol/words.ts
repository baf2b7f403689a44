// What may be said of a message in an acknowledgement: by whom, with which codes, about what (docs/spec/receipts.md).

import { refuse } from "./errors.ts";
import {
  type Acknowledgement, type Event, kindRule, type Manifest, type Party, type Rulebook, sameParty, senderParty,
} from "./objects.ts";

// Who may say a word: the message's recipient, its sender, or a person who is told of it.
export type Speaker = "recipient" | "sender" | "subject";

// Kinds of deadline that a word or an answer ends, beside those of what was agreed, which words name in their codes.
export const STEP = "step";
export const ANSWER = "answer";
export const REPLY = "reply";
export const ERASURE = "erasure";
// The kind of deadline that a countersignature ends.
export const SECOND_SIGNATURE = "second-signature";

export const OVER_BROAD = "over-broad";

// `codes`: `any`, `none`, `agreed` (agreements of the message, at least one), `own` (the same, all of them the
// speaker's), `some` (agreements, or none), `kept` (one of the rulebook's reasons), `over-broad` (that one). `names`:
// it names in `of` what it answers. `recorded`: a worker may say it for a person without keys. `asked`: it answers a
// question, to a person or from one partner to another.
export interface WordRule {
  readonly speakers: readonly Speaker[];
  readonly codes: "any" | "none" | "agreed" | "own" | "some" | "kept" | "over-broad";
  readonly names?: true;
  readonly recorded?: true;
  readonly asked?: true;
}

const READERS: readonly Speaker[] = ["recipient", "subject"];
const ALL: readonly Speaker[] = ["recipient", "sender", "subject"];

export const WORDS: Readonly<Record<Event, WordRule>> = {
  received: { speakers: READERS, codes: "any" },
  opened: { speakers: READERS, codes: "any" },
  "handed-over": { speakers: READERS, codes: "any" },
  refused: { speakers: READERS, codes: "any" },
  unopenable: { speakers: READERS, codes: "any" },
  told: { speakers: READERS, codes: "any" },
  agreed: { speakers: ALL, codes: "agreed", recorded: true },
  done: { speakers: ALL, codes: "own", recorded: true },
  declined: { speakers: ["recipient"], codes: "none", recorded: true, asked: true },
  erased: { speakers: ["recipient"], codes: "none", names: true },
  kept: { speakers: ["recipient"], codes: "kept", names: true },
  objected: { speakers: ["subject"], codes: "none", recorded: true },
  stuck: { speakers: ALL, codes: "some", recorded: true },
  reported: { speakers: ["recipient"], codes: "over-broad" },
};

// The words for what became of one reader's own copy. The others are said to everyone whom the message concerns.
export const READING: ReadonlySet<Event> = new Set([
  "received", "opened", "handed-over", "refused", "unopenable", "told",
]);

// What a message agrees, by the code that words name it with, and who keeps it: follow-ups by their code (`none-ask` is
// kept by nobody), steps as `step-<n>`.
export function agreements(manifest: Manifest): ReadonlyMap<string, Party> {
  const kept = new Map<string, Party>();
  for (const item of manifest.follow_up) {
    if (item.due !== undefined) kept.set(item.code, item.by === "sender" ? senderParty(manifest.from) : manifest.to);
  }
  for (const step of manifest.steps ?? []) kept.set(`${STEP}-${step.n}`, step.by);
  return kept;
}

// Whether a message puts a question to a person, whose silence is a no (article 6): it itself answers nothing.
export function asksPerson(manifest: Manifest, rulebook: Rulebook): boolean {
  const rule = kindRule(rulebook, manifest.kind);
  const toPerson = manifest.to.person !== undefined && manifest.from.partner !== undefined;
  return toPerson && rule !== undefined && (rule.answers ?? []).length === 0;
}

// Whether a partner asks another something (articles 5 and 6): by a kind with a question, which answers nothing.
export function asksPartner(manifest: Manifest, rulebook: Rulebook): boolean {
  const rule = kindRule(rulebook, manifest.kind);
  const between = manifest.to.partner !== undefined && manifest.from.partner !== undefined;
  return between && rule !== undefined && rule.parts.includes("question") && (rule.answers ?? []).length === 0;
}

// As what `reader` may speak of a message; `told`: they are a person who is told of it.
export function speakers(manifest: Manifest, reader: Party, told: boolean): ReadonlySet<Speaker> {
  const found = new Set<Speaker>(told && reader.person !== undefined ? ["subject"] : []);
  if (sameParty(reader, senderParty(manifest.from))) found.add("sender");
  if (sameParty(reader, manifest.to)) found.add("recipient");
  return found;
}

// What of a word is looked at.
export type Word = Pick<Acknowledgement, "reader" | "event" | "codes" | "of">;

// Returns if `word.reader` may say this of this message. Whether what `of` names asks anything of them, only the relay
// knows. Refuses `word.speaker`, `word.of`, `word.code`.
export function checkWord(word: Word, manifest: Manifest, rulebook: Rulebook, told: boolean): void {
  const rule = WORDS[word.event];
  const found = speakers(manifest, word.reader, told);
  if (!rule.speakers.some((speaker) => found.has(speaker))) refuse("word.speaker");
  if (rule.asked && !asksPerson(manifest, rulebook) && !asksPartner(manifest, rulebook)) refuse("word.speaker");
  if (!READING.has(word.event) && (rule.names === true) !== (word.of !== undefined)) refuse("word.of");
  if (!fits(word, rule, manifest, rulebook)) refuse("word.code");
}

function fits({ codes, reader }: Word, rule: WordRule, manifest: Manifest, rulebook: Rulebook): boolean {
  const kept = agreements(manifest);
  const different = new Set(codes).size;
  switch (rule.codes) {
    case "any":
      return true;
    case "none":
      return different === 0;
    case "agreed":
      return different > 0 && codes.every((code) => kept.has(code));
    case "own":
      return different > 0 && codes.every((code) => isKeptBy(kept.get(code), reader));
    case "some":
      return codes.every((code) => kept.has(code));
    case "kept":
      return different === 1 && codes.every((code) => (rulebook.kept_reasons ?? []).includes(code));
    case "over-broad":
      return different === 1 && codes.every((code) => code === OVER_BROAD);
  }
}

const isKeptBy = (keeper: Party | undefined, reader: Party): boolean =>
  keeper !== undefined && sameParty(keeper, reader);

// The deadlines of the speaker that a word ends: kind, the `D` that they are about, number.
export function ends(word: Pick<Acknowledgement, "event" | "codes" | "reader" | "manifest" | "of">): Ended[] {
  const { event, reader, manifest } = word;
  if (event === "done") return word.codes.map((code) => ({ ...agreed(code), object: manifest }));
  if (event === "declined") {
    return [{ kind: reader.person !== undefined ? ANSWER : REPLY, object: manifest, number: 0 }];
  }
  return event === "erased" || event === "kept" ? [{ kind: ERASURE, object: word.of ?? "", number: 0 }] : [];
}

export interface Ended {
  readonly kind: string;
  readonly object: string;
  readonly number: number;
}

function agreed(code: string): Pick<Ended, "kind" | "number"> {
  const [, number] = /^step-(\d+)$/.exec(code) ?? [];
  return number === undefined ? { kind: code, number: 0 } : { kind: STEP, number: Number(number) };
}
