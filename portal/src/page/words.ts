// The language of the page, and its words: one file for each language, fetched once.

import { addWords, phrase, useWords, type Words } from "../protocol/texts/catalogue.ts";

declare const WORDS: Readonly<Record<string, string>>;
declare const REFUSALS: Readonly<Record<string, string>>;

export const NAMES: Readonly<Record<string, string>> = {
  nl: "Nederlands", fr: "Français", en: "English", tr: "Türkçe", ar: "العربية", pl: "Polski",
};
export const LANGUAGES = Object.keys(NAMES);
const FIRST = "nl";
const RIGHT_TO_LEFT = new Set(["ar"]);
const KEPT = "language";

let now = FIRST;

export const language = (): string => now;

// Which language the reader chose before, or else their device.
export function preferred(): string {
  const wanted = [localStorage.getItem(KEPT) ?? "", ...navigator.languages].map((tag) => tag.slice(0, 2).toLowerCase());
  return wanted.find((tag) => LANGUAGES.includes(tag)) ?? FIRST;
}

export const directionOf = (tag: string): string => (RIGHT_TO_LEFT.has(tag) ? "rtl" : "ltr");

const known = new Set<string>();

// Fetches the words of a language, once: what was asked in one language is read in it, whatever the page speaks.
export async function words(wanted: string): Promise<void> {
  const address = WORDS[wanted];
  if (address === undefined || known.has(wanted)) return;
  useWords(wanted, await fetched(address));
  known.add(wanted);
}

// Fetches what a refusal is explained with in a language, once; `explain` of refusal_text.ts needs it.
export async function refusalWords(wanted: string): Promise<void> {
  const address = REFUSALS[wanted];
  if (address === undefined || known.has(`${wanted} refusals`)) return;
  await words(wanted);
  addWords(wanted, await fetched(address));
  known.add(`${wanted} refusals`);
}

async function fetched(address: string): Promise<Words> {
  const answer = await fetch(address, { credentials: "omit", referrerPolicy: "no-referrer" });
  if (!answer.ok) throw new Error(`${answer.status} for ${address}`);
  return (await answer.json()) as Words;
}

// Turns the page to a language; `chosen` by its reader, it is kept on this device.
export async function speak(wanted: string, chosen = false): Promise<void> {
  await words(wanted);
  now = wanted;
  if (chosen) localStorage.setItem(KEPT, wanted);
  document.documentElement.lang = wanted;
  document.documentElement.dir = directionOf(wanted);
  document.title = say("title");
}

// A phrase in the reader's language; a key without a section is of the section `page`.
export const say = (key: string, params: Readonly<Record<string, string>> = {}): string =>
  phrase(now, key.includes(".") ? key : `page.${key}`, params);
