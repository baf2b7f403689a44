// The catalogues: plain words by language, and filling in a sentence (docs/spec/texts.md).
//
// No words stand here: the page fetches those of its language and hands them over. A phrase may hold `{name}`
// placeholders and nothing else, so that every implementation fills it in alike; what was filled in is not read again.

import { refuse } from "../errors.ts";

// Sections of phrases by key, as the files of the catalogues hold them.
export type Words = Readonly<Record<string, Readonly<Record<string, string>>>>;
export type Params = Readonly<Record<string, string>>;

const PLACEHOLDER = /\{([a-z_]+)\}/g;
// Control characters, line and paragraph ends, and whatever turns or hides text: a name that holds these could make a
// consent text say something else than it seems to.
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

const catalogues = new Map<string, Map<string, string>>();

// Lets a language have these words and no others.
export function useWords(language: string, words: Words): void {
  catalogues.set(language, new Map());
  addWords(language, words);
}

// Lets a language have these words too, such as those that are fetched only when something was refused.
export function addWords(language: string, words: Words): void {
  const phrases = catalogues.get(language) ?? new Map<string, string>();
  for (const [section, keys] of Object.entries(words)) {
    for (const [key, text] of Object.entries(keys)) phrases.set(`${section}.${key}`, text);
  }
  catalogues.set(language, phrases);
}

// Refuses `text.language` where no words of the language were taken in.
const catalogue = (language: string): ReadonlyMap<string, string> =>
  catalogues.get(language) ?? refuse("text.language", language);

export const placeholders = (text: string): ReadonlySet<string> =>
  new Set([...text.matchAll(PLACEHOLDER)].map((found) => found[1] ?? ""));

export const has = (language: string, key: string): boolean => catalogue(language).has(key);

// A phrase with its placeholders filled in; a parameter that it does not name is not used. Refuses `text.language`,
// `text.missing` (no such phrase, or a parameter is missing), `text.param` (one is empty, or not plain text).
export function phrase(language: string, key: string, params: Params = {}): string {
  const text = catalogue(language).get(key) ?? refuse("text.missing", key);
  for (const name of [...placeholders(text)].sort()) {
    const value = Object.hasOwn(params, name) ? params[name] : undefined;
    if (value === undefined) return refuse("text.missing", `${key} needs ${name}`);
    if (value === "" || UNSAFE.test(value)) refuse("text.param", `${name} of ${key}`);
  }
  return text.replace(PLACEHOLDER, (_, name: string) => params[name] ?? "");
}

// Items as one list in words: `uw naam, uw taal en uw school`. Refuses as `phrase`; an empty list is "".
export function enumeration(language: string, items: readonly string[]): string {
  const last = items.at(-1) ?? "";
  if (items.length < 2) return last;
  const comma = phrase(language, "list.comma");
  return phrase(language, "list.last", { items: items.slice(0, -1).join(comma), item: last });
}
