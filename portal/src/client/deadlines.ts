// What is due about a person: who owes them an answer or a talk, by when, and whether it is late (article 5).

import type { Setting } from "../keys/evidence.ts";
import { type Party, sameParty } from "../protocol/objects.ts";
import { phrase } from "../protocol/texts/catalogue.ts";
import { partnerName } from "../protocol/texts/labels.ts";
import { capital } from "../protocol/texts/notice_text.ts";
import { owedInWords, stateInWords } from "../protocol/texts/owed_text.ts";
import type { DeadlineItem } from "./api.ts";
import { sidesOf } from "./message_sides.ts";
import type { Phone } from "./phone.ts";

// One thing that is owed, with the words for it: what, by whom, by when, and how it stands.
export interface Due {
  readonly item: DeadlineItem;
  readonly text: string;
  // Whether it is owed still, and should have been done.
  readonly late: boolean;
}

// What is owed about the messages that this person was told of, and what they owe themselves, soonest first.
export async function readDeadlines(phone: Phone, language: string): Promise<Due[]> {
  const { setting } = await phone.believe(await phone.relay.setting());
  const { items } = await phone.relay.deadlines();
  return items.map((item) => ({ item, text: inWords(phone, item, setting, language), late: item.state === "overdue" }));
}

function inWords(phone: Phone, item: DeadlineItem, setting: Setting, language: string): string {
  const names = setting.namesNow();
  const name = (party: Party): string => {
    if (party.partner !== undefined) return partnerName(language, party.partner, names);
    return phrase(language, party.person === phone.person ? "party.you" : "party.family");
  };
  const sides = sidesOf(phone).get(item.message ?? "") ?? [];
  const other = sides.find((side) => !sameParty(side, item.owner));
  const text = owedInWords(language, item.kind, item.due, {
    owner: name(item.owner), number: item.number,
    other: other === undefined ? phrase(language, "party.partner") : name(other),
  });
  return stateInWords(language, capital(text), item.state);
}
