// The questions for a yes that wait for this person, oldest first; those that were answered wait no more.

import type { CaseFile } from "../keys/casefile.ts";
import { type Given, readGiven } from "../client/chains.ts";
import { type Asked, readRequest } from "../client/requests.ts";
import { phone } from "./unlocked.ts";
import { words } from "./words.ts";

export interface Questions {
  readonly asked: readonly Asked[];
  readonly given: readonly Given[];
  readonly file: CaseFile;
}

export async function questions(): Promise<Questions> {
  const own = phone();
  const now = own.clock();
  const family = await own.family();
  const consents = await own.consents();
  const given = readGiven(consents, [own.person, ...family.children], now);
  const answered = new Set(given.map((item) => item.consent.object.request));
  const waiting = [...family.file.requests.values()]
    .filter((held) => !answered.has(held.d))
    .sort((left, right) => (left.place?.index ?? 0) - (right.place?.index ?? 0));
  for (const language of new Set(waiting.map((held) => held.object.language))) await words(language);
  const asked = waiting.map((held) => readRequest(held, family, own.person, now)).filter((item) => item !== null);
  return { asked: asked.filter((item) => item.offers.length > 0), given, file: family.file };
}
