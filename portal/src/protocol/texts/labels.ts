// Words for the vocabulary: categories as a client hears them, scopes with their form, organisations.
//
// The order in which categories are read stands here, because the wire sorts them by their ids and people read what
// they know best first. It belongs to the template of a consent's text, and so do the two sets.

import { byBytes } from "../bytes.ts";
import { has, phrase } from "./catalogue.ts";

// Whose information it is to the reader: their own, their one child's, or of several people.
export type Voice = "yours" | "child" | "plain";

// Categories, then parts; a type that is not listed comes last, by its id.
export const READING_ORDER: readonly string[] = [
  "who", "contact", "lang", "ask", "plan", "follow", "home", "helpers", "strength", "parenting", "growth", "school",
  "childcare", "money", "housing", "work", "rights", "stay", "health", "mind", "addiction", "disability", "relation",
  "violence", "justice", "question", "answer", "motivation", "alternatives", "agreement", "steps", "agenda", "report",
];

// Categories that can be shared in a narrower form: of these `whole` is said too, so that it is seen to be a choice.
export const CHOICE_OF_FORM: ReadonlySet<string> = new Set(["who", "ask", "housing", "rights", "health"]);

// Categories that a consent's text warns of; fixed here and not read from a rulebook, so that a text comes out the same
// years later.
export const HIGHLY_SENSITIVE: ReadonlySet<string> = new Set([
  "stay", "health", "mind", "addiction", "disability", "relation", "violence", "justice",
]);

// Types, each once, in the order in which people read them.
export function readingOrder(types: Iterable<string>): string[] {
  const place = (name: string): number => {
    const found = READING_ORDER.indexOf(name);
    return found < 0 ? READING_ORDER.length : found;
  };
  return [...new Set(types)].sort((left, right) => place(left) - place(right) || byBytes(left, right));
}

// A category (`uw gezondheid`) or a part (`de afspraak`) in daily words. Refuses `text.missing`.
export function typeInWords(language: string, kind: string, voice: Voice): string {
  const part = `part.${kind}`;
  return phrase(language, has(language, part) ? part : `category-${voice}.${kind}`);
}

// A type with its form, where there is a choice: `uw gezondheid (alleen de kosten)`. Refuses `text.missing`.
export function scopeInWords(language: string, kind: string, form: string, voice: Voice): string {
  const item = typeInWords(language, kind, voice);
  if (form === "whole" && !CHOICE_OF_FORM.has(kind)) return item;
  return phrase(language, "item.form", { item, form: phrase(language, `form.${form}`) });
}

// An organisation's name, or the words for `an organisation` where it is not known.
export const partnerName = (language: string, partner: string, names: ReadonlyMap<string, string>): string =>
  names.get(partner) || phrase(language, "party.partner");
