// The words that the page needs of a language's catalogues: what clients read, and nothing that only workers do.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const TEXTS = join(dirname(fileURLToPath(import.meta.url)), "../protocol/zegel_protocol/texts");

export const LANGUAGES = ["nl", "fr", "en", "tr", "ar", "pl"];

const WORKERS_ONLY = [
  "opening", "code-reminder", "alarm", "field", "basis", "secrecy", "refusal", "refusal-about", "refusal-safe", "step",
  "step-what", "event", "deadline", "ping", "letter", "category", "sector", "purpose",
];

// What a refusal is explained with, and is fetched when something was refused.
const OF_REFUSALS = [
  "refusal", "refusal-about", "refusal-safe", "step", "step-what", "field", "purpose", "sector", "basis",
];

const read = (name) => {
  try {
    return JSON.parse(readFileSync(join(TEXTS, name), "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return {};
    throw error;
  }
};

export function wordsOf(language) {
  const all = { ...read(`${language}.json`), ...read(`page-${language}.json`) };
  const kept = Object.entries(all).filter(([section]) => !WORKERS_ONLY.includes(section) && section !== "page-public");
  return Object.fromEntries(kept);
}

export function refusalWordsOf(language) {
  return Object.fromEntries(Object.entries(read(`${language}.json`)).filter(([section]) => OF_REFUSALS.includes(section)));
}
