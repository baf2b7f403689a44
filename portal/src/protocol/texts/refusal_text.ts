// A refusal in three plain sentences: what happened, what is safe, what to do (docs/spec/texts.md).
//
// Only what a refusal itself says stands in them: ids of people and digests are left out. Its phrases are a file of
// their own, which is fetched when something was refused.

import { enumeration, has, phrase } from "./catalogue.ts";

// A reason why something is not allowed, as a relay or a decision states it (docs/spec/refusals.md).
export interface Refusal {
  readonly code: string;
  readonly path: string;
  readonly params: readonly { readonly name: string; readonly value: string }[];
  readonly mend: { readonly step: string; readonly what: readonly string[] };
}

// What happened, what is safe, and what to do: each one or two short sentences.
export interface Sentence {
  readonly what: string;
  readonly safe: string;
  readonly do: string;
}

// Ids of people, devices and messages, and bare numbers: they say nothing to a reader.
const OPAQUE = /^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]+)$/;
// Terms, partner ids and media types, which may be shown as they stand. Digests are not: they hold capitals.
const PLAIN = /^(?=.{1,64}$)[a-z0-9]+(?:[./+-][a-z0-9]+)*$/;
// Sections in which a term is looked up, first to last: a term may be a word in several.
const VOCABULARY = ["category-plain", "part", "field", "purpose", "kind", "sector", "form", "basis", "function"];
const FIRST_OF_STEP = new Map([
  ["other-purpose", "purpose"], ["other-recipient", "sector"], ["narrow", "form"], ["add", "part"],
]);
const FIRST_OF_PARAM = new Map([
  ["purpose", "purpose"], ["kind", "kind"], ["sector", "sector"], ["form", "form"], ["part", "part"],
  ["basis", "basis"], ["reason", "withheld-reason"],
]);

// A refusal in plain words. `names` are organisations' names by partner id. Refuses `text.language`, `text.missing`,
// `text.param`.
export function explain(refusal: Refusal, language: string, names: ReadonlyMap<string, string>): Sentence {
  const { code, mend } = refusal;
  const happened = phrase(language, `refusal.${code}`);
  const involved = involvedIn(refusal, language, names);
  const what = involved.length === 0
    ? happened
    : phrase(language, "refusal-about.items", { what: happened, items: enumeration(language, involved) });
  const own = `refusal-safe.${code}`;
  const safe = phrase(language, has(language, own) ? own : "refusal-safe.default");
  const first = FIRST_OF_STEP.get(mend.step);
  const concerned = unique(mend.what.map((term) => wordOf(language, term, first, names) ?? asItStands(term)));
  return { what, safe, do: concerned.length === 0
    ? phrase(language, `step.${mend.step}`)
    : phrase(language, `step-what.${mend.step}`, { what: enumeration(language, concerned) }) };
}

const unique = (words: readonly (string | null)[]): string[] => [...new Set(words.filter((word) => word !== null))];

// Words for what a refusal is about: the type alone, in its form, where it names one; else all it names.
function involvedIn({ params }: Refusal, language: string, names: ReadonlyMap<string, string>): string[] {
  const told = (name: string): string | null => {
    const value = params.find((item) => item.name === name)?.value;
    return value === undefined ? null : wordOf(language, value, FIRST_OF_PARAM.get(name), names);
  };
  const type = told("type");
  if (type === null) return unique(params.map((item) => told(item.name)));
  const whole = params.some((item) => item.name === "form" && item.value === "whole");
  const form = whole ? null : told("form");
  return [form === null ? type : phrase(language, "item.form", { item: type, form })];
}

function wordOf(
  language: string, named: string, first: string | undefined, names: ReadonlyMap<string, string>,
): string | null {
  const term = bare(named);
  const known = names.get(term);
  if (known) return known;
  const sections = first === undefined ? VOCABULARY : [first, ...VOCABULARY];
  const section = sections.find((each) => has(language, `${each}.${keyOf(term)}`));
  return section === undefined ? null : phrase(language, `${section}.${keyOf(term)}`);
}

// Readers are named by the key of their party.
const bare = (named: string): string => named.replace(/^partner:/, "").replace(/^person:/, "");
const keyOf = (term: string): string => term.replaceAll("_", "-");

// A refusal may come from a relay that lies, so nothing but a plain term is ever shown as it stands.
function asItStands(named: string): string | null {
  const term = bare(named);
  return PLAIN.test(term) && !OPAQUE.test(term) ? term : null;
}
