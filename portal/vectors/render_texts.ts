// Renders texts in the languages' own words, and applies the small rules that the page shares with the relay:
// `node build/render_texts.mjs <input.json>` prints {consents, notices, refusals, people, words}. Input: {rulebook,
// consents: [{terms, names}], notices: [{language, manifest, entries, facts}], refusals: [{refusal, language, names}],
// people: [{person, at}], words: [{word, manifest, told}]}.

import { readFileSync } from "node:fs";

import { age, mayObject, told, toldTogether, whoSigns } from "../src/protocol/age.ts";
import { ProtocolError } from "../src/protocol/errors.ts";
import type { Manifest, Person, Rulebook } from "../src/protocol/objects.ts";
import { dueToTell, owesTelling } from "../src/protocol/telling.ts";
import { explain, type Refusal } from "../src/protocol/texts/refusal_text.ts";
import { checkWord, type Word } from "../src/protocol/words.ts";
import { useCatalogues } from "./catalogues.ts";
import { type ConsentGiven, consentText, noticeLines, type NoticeGiven } from "./texts.ts";

interface WordGiven {
  readonly word: Word;
  readonly manifest: Manifest;
  readonly told: boolean;
}

interface Given {
  readonly rulebook: Rulebook;
  readonly consents: readonly ConsentGiven[];
  readonly notices: readonly Omit<NoticeGiven, "rulebook">[];
  readonly refusals: readonly { refusal: Refusal; language: string; names: Readonly<Record<string, string>> }[];
  readonly people: readonly { person: Person; at: number }[];
  readonly words: readonly WordGiven[];
}

const given = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Given;
const { rulebook } = given;

const rulesOf = ({ person, at }: { person: Person; at: number }, place: number) => {
  const before = given.people[place - 1]?.person ?? person;
  return {
    age: age(person, at), signs: [...whoSigns(person, at)].sort(), told: told(person, at),
    together: [...toldTogether([before, person], at)].sort(), objects: [...mayObject(person, at)].sort(),
    due: dueToTell(at, rulebook),
  };
};

function codeOf({ word, manifest, told: isTold }: WordGiven): string {
  try {
    checkWord(word, manifest, rulebook, isTold);
    return owesTelling(manifest) ?? "";
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
}

useCatalogues();
const rendered = {
  consents: given.consents.map(consentText),
  notices: given.notices.map((notice) => noticeLines({ ...notice, rulebook })),
  refusals: given.refusals.map(({ refusal, language, names }) =>
    explain(refusal, language, new Map(Object.entries(names)))),
  people: given.people.map(rulesOf),
  words: given.words.map(codeOf),
};
process.stdout.write(JSON.stringify(rendered));
