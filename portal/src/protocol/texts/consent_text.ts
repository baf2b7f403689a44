// The text of a consent: the very words that a client reads, or hears, before saying yes (docs/spec/texts.md).
//
// Made from the signed fields and the names of organisations alone, so that whoever checks a consent makes the same
// text and compares its digest. No name of a person stands in it. Another text is another template.

import { byBytes, digestOf, utf8 } from "../bytes.ts";
import { refuse } from "../errors.ts";
import { type Consent, type ConsentSigner, type Flow, type Party, scopeKey } from "../objects.ts";
import { enumeration, type Params, phrase } from "./catalogue.ts";
import { momentInWords } from "./dates.ts";
import { HIGHLY_SENSITIVE, readingOrder, scopeInWords, typeInWords, type Voice } from "./labels.ts";

// `template` of a consent request whose consents have this text.
export const TEMPLATE = "consent-1";

// The fields of a consent that its text is made from.
export type ConsentTerms = Pick<
  Consent,
  | "purpose" | "from" | "to" | "types" | "about" | "not_before" | "not_after" | "signers" | "language"
  | "code_version" | "replaces"
>;

// What a consent to one flow of a request adds to it. Times in UTC seconds.
export interface FlowTerms {
  readonly about: string[];
  readonly not_before: number;
  readonly signers: ConsentSigner[];
  readonly language: string;
  readonly code_version: string;
  readonly replaces?: string[];
}

// What a consent to one flow of a request will say, if it is given as asked.
export const draftOfFlow = (flow: Flow, terms: FlowTerms): ConsentTerms => ({
  purpose: flow.purpose, from: flow.from, to: flow.to, types: flow.types, not_after: flow.until, replaces: [], ...terms,
});

// SHA-256 of the text in NFC and UTF-8, as base64url: `text_digest`.
export const textDigest = (text: string): string => digestOf(utf8(text.normalize("NFC")));

// The text in its language, lines separated by U+000A, in NFC. `names` are organisations' names by partner id, as their
// memberships named them when the consent was given. Refuses `text.language`, `text.missing` (a name, or words for a
// term), `text.param` (a name that is not plain text), `time.range`.
export function renderConsent(terms: ConsentTerms, names: ReadonlyMap<string, string>): string {
  const { language } = terms;
  const say = (key: string, params: Params = {}): string => phrase(language, `consent.${key}`, params);
  const from = partyInWords(terms.from, terms, names);
  const to = partyInWords(terms.to, terms, names);
  const [about, voice] = aboutInWords(terms);
  const ordered = inReadingOrder(terms);
  const kinds = readingOrder(ordered.map((scope) => scope.type));
  const highly = kinds.filter((kind) => HIGHLY_SENSITIVE.has(kind));

  const lines = [
    say("title", { from, to }),
    say("about", { about }),
    say("why", { why: phrase(language, `purpose-why.${terms.purpose}`) }),
    say("what"),
    ...ordered.map(({ type, form }) => say("item", { item: scopeInWords(language, type, form, voice) })),
  ];
  if (highly.length > 0) {
    const items = highly.map((kind) => typeInWords(language, kind, voice));
    lines.push(say("highly", { items: enumeration(language, items) }));
  }
  lines.push(
    say("not"),
    say("begin", { begin: momentInWords(language, terms.not_before, { first: true }) }),
    say("until", { until: momentInWords(language, terms.not_after, { first: true }) }),
  );
  if (terms.replaces.length > 0) lines.push(say("replaces"));
  lines.push(say("no"), say("stop", { to }), say("read"), say("code", { code: terms.code_version }));
  return lines.join("\n").normalize("NFC");
}

function inReadingOrder(terms: ConsentTerms): ConsentTerms["types"] {
  const types = [...terms.types].sort((left, right) => byBytes(scopeKey(left), scopeKey(right)));
  return readingOrder(types.map((scope) => scope.type)).flatMap((kind) => types.filter((scope) => scope.type === kind));
}

// What a consent names, in the order and the words of its text: to be chosen one by one. Refuses `text.*`.
export function itemsInWords(terms: ConsentTerms): { type: string; words: string; highly: boolean }[] {
  const [, voice] = aboutInWords(terms);
  return inReadingOrder(terms).map(({ type, form }) => ({
    type, words: scopeInWords(terms.language, type, form, voice), highly: HIGHLY_SENSITIVE.has(type),
  }));
}

function partyInWords(party: Party, terms: ConsentTerms, names: ReadonlyMap<string, string>): string {
  if (party.partner !== undefined) return names.get(party.partner) ?? refuse("text.missing", party.partner);
  const you = terms.signers.some((signer) => signer.person === party.person);
  return phrase(terms.language, you ? "party.you" : "party.family");
}

// Whom the consent is about, as its signers read it, and the voice of its categories. One text is read by all who sign,
// so a young person with a parent beside them, or several adults, are named in a way that is true for each.
function aboutInWords({ language, about, signers }: ConsentTerms): readonly [string, Voice] {
  const signing = new Set(signers.map((signer) => signer.person));
  const subjects = new Set(about);
  const own = [...signing].filter((person) => subjects.has(person)).length;
  const children = [...subjects].filter((person) => !signing.has(person)).length;
  const say = (key: string): string => phrase(language, `about.${key}`);
  if (children > 0) {
    const word = children === 1 ? "child" : "children";
    if (own > 0) return [say(`you-and-${word}`), "plain"];
    return [say(word), word === "child" ? "child" : "plain"];
  }
  if (signing.size > own) return [say("young-person"), "plain"];
  return own === 1 ? [say("you"), "yours"] : [say("each-of-you"), "plain"];
}
