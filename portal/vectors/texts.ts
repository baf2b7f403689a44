// Rendering the texts of vectors, each with the words that belong to it (docs/spec/vectors.md).

import { decode, encode } from "../src/protocol/encoding.ts";
import { type Kind, kindType, type Payload } from "../src/protocol/objects.ts";
import { useWords, type Words } from "../src/protocol/texts/catalogue.ts";
import { renderCode } from "../src/protocol/texts/code_text.ts";
import { type ConsentTerms, renderConsent, textDigest } from "../src/protocol/texts/consent_text.ts";
import type { DeadlineItem, NoticeFacts, Opened, Said } from "../src/protocol/texts/notice_facts.ts";
import { renderNotice } from "../src/protocol/texts/notice_text.ts";
import { owedInWords, stateInWords } from "../src/protocol/texts/owed_text.ts";
import { useCatalogues } from "./catalogues.ts";

type Names = Readonly<Record<string, string>>;

export interface ConsentGiven {
  readonly terms: ConsentTerms;
  readonly names: Names;
}

interface Worded {
  readonly language: string;
  readonly words: Words;
}

// What `NoticeFacts` are made from, as a vector writes them.
interface FactsGiven {
  readonly person: string;
  readonly children?: readonly string[];
  readonly accepted_at: number;
  readonly now: number;
  readonly names: Names;
  readonly functions: Names;
  readonly sector?: string | null;
  readonly consents?: readonly unknown[];
  readonly opened?: readonly Opened[];
  readonly codes?: readonly string[];
  readonly done?: readonly string[];
  readonly said?: readonly Said[];
  readonly deadlines?: readonly DeadlineItem[];
  readonly conference?: unknown;
  readonly stopped?: boolean;
  readonly looked?: readonly unknown[];
}

export interface NoticeGiven {
  readonly language: string;
  readonly manifest: unknown;
  readonly entries: readonly unknown[];
  readonly facts: FactsGiven;
  readonly rulebook: unknown;
}

export interface OwedGiven {
  readonly kind: string;
  readonly due?: number | null;
  readonly owner: string;
  readonly other?: string;
  readonly number?: number;
  readonly state: string;
}

// Strictly, as from the wire.
const read = <K extends Kind>(kind: K, value: unknown): Payload<K> => decode(encode(value), kindType(kind));

const mapOf = (names: Names): ReadonlyMap<string, string> => new Map(Object.entries(names));

export function consentText({ terms, names }: ConsentGiven): { text: string; text_digest: string } {
  useCatalogues();
  const text = renderConsent(terms, mapOf(names));
  return { text, text_digest: textDigest(text) };
}

export function noticeText(given: NoticeGiven & Worded) {
  useWords(given.language, given.words);
  return { lines: noticeLines(given) };
}

// The lines of a page, in the words that are in use.
export function noticeLines(given: NoticeGiven) {
  const manifest = read("manifest", given.manifest);
  const entries = given.entries.map((entry) => read("entry", entry));
  const lines = renderNotice(manifest, entries, factsOf(given.facts), read("rulebook", given.rulebook), given.language);
  return lines.map(({ section, text, action }) => (action === null ? { section, text } : { section, text, action }));
}

function factsOf(given: FactsGiven): NoticeFacts {
  const { children = [], sector = null, consents = [], conference = null, looked = [] } = given;
  const { opened = [], codes = [], done = [], said = [], deadlines = [], stopped = false } = given;
  return {
    person: given.person, children: new Set(children), acceptedAt: given.accepted_at, now: given.now,
    names: mapOf(given.names), functions: mapOf(given.functions), sector, opened, codes, done, said, deadlines, stopped,
    consents: consents.map((item) => read("consent", item)),
    conference: conference === null ? null : read("conference", conference),
    looked: looked.map((item) => read("countersignature", item)),
  };
}

export function owedText({ language, words, kind, due = null, state, ...owing }: OwedGiven & Worded): { text: string } {
  useWords(language, words);
  return { text: stateInWords(language, owedInWords(language, kind, due, owing), state) };
}

export function codeText({ language, words, rulebook }: { readonly rulebook: unknown } & Worded): { lines: string[] } {
  useWords(language, words);
  return { lines: renderCode(read("rulebook", rulebook), language) };
}
