// What happens to one's keys without oneself: a replacement that somebody asked for, and a key that came lately.
//
// Whoever did not ask for it stops it here, at one touch, on the first page (attack 26).

import { keepKeys, listPasskeys, waitingKeys } from "../../client/devices.ts";
import { DAY } from "../../protocol/durations.ts";
import { dayInWords } from "../../protocol/texts/dates.ts";
import { deed } from "../deed.ts";
import { type Child, h } from "../dom.ts";
import { addressOf, again } from "../place.ts";
import { aloud } from "../step.ts";
import { phone } from "../unlocked.ts";
import { language, say } from "../words.ts";

// For how many days a key that another device got is told of.
const NEW_DAYS = 14;

export async function keysWait(): Promise<Child> {
  const waiting = await waitingKeys(phone());
  if (waiting === null) return null;
  const said = aloud();
  const stop = async (): Promise<void> => {
    await keepKeys(phone());
    again();
  };
  const keep = deed(say("keys-keep"), said, stop, "main");
  return h(
    "div",
    { class: "note care", role: "alert" },
    h("p", {}, say("keys-wait", { day: dayInWords(language(), waiting.effectiveAt) })),
    h("div", { class: "row" }, keep),
    said,
  );
}

// Both, for the first page.
export const keysNews = async (): Promise<Child> => [await keysWait(), await keyCame()];

// A key that was added lately, elsewhere than here; the first one of all is no news.
export async function keyCame(): Promise<Child> {
  const [, ...added] = await listPasskeys(phone());
  const newest = added.at(-1);
  if (newest === undefined || newest.here || newest.since < phone().clock() - NEW_DAYS * DAY) return null;
  return h(
    "div",
    { class: "note" },
    h("p", {}, say("key-came", { day: dayInWords(language(), newest.since) })),
    h("p", {}, h("a", { href: addressOf("me") }, say("key-came-look"))),
  );
}
