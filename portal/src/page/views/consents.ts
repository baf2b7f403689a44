// What this person said yes to: to whom, what, until when; and making it less, or none, in two touches (article 7).

import { type Narrowing, narrowing } from "../../client/answers.ts";
import type { Given } from "../../client/chains.ts";
import { objectTo, type Objection, standingObjections, withdrawObjection } from "../../client/objections.ts";
import { revoke } from "../../client/stops.ts";
import type { Setting } from "../../keys/evidence.ts";
import { itemsInWords } from "../../protocol/texts/consent_text.ts";
import { dayInWords } from "../../protocol/texts/dates.ts";
import { partnerName } from "../../protocol/texts/labels.ts";
import { questions } from "../asked.ts";
import { deed, tick, whom } from "../deed.ts";
import { type Child, fill, h } from "../dom.ts";
import { addressOf, again, goDone, type Place, wasDone } from "../place.ts";
import { aloud } from "../step.ts";
import { trouble } from "../trouble.ts";
import { phone } from "../unlocked.ts";
import { directionOf, language, say, words } from "../words.ts";

export async function consents({ parts }: Place): Promise<Child> {
  const { asked, given, file } = await questions();
  const standing = given.filter((item) => item.countsFor.length > 0).reverse();
  for (const tongue of new Set(standing.map((item) => item.consent.object.language))) await words(tongue);
  return [
    h("h1", {}, say("yes")),
    parts[0] !== undefined && wasDone() && done(parts[0]),
    asked.map((item, at) =>
      h(
        "div",
        { class: "note" },
        h("p", {}, say("request-waits", { asker: item.asker })),
        h("a", { class: "button main", href: addressOf("request", String(at)) }, say("request-read")),
      )),
    standing.length === 0 && h("p", { class: "soft" }, say("yes-none")),
    standing.map((item) => card(item, file.setting)),
    await objecting(file.setting),
  ];
}

function done(what: string): Child {
  const known = ["thanks", "stopped", "less", "objected"].includes(what);
  return known && h("div", { class: "note", role: "status" }, h("p", {}, say(`done-${what}`)));
}

const nameOf = (setting: Setting, party: { partner?: string | undefined }): string =>
  party.partner === undefined ? say("party.you") : partnerName(language(), party.partner, setting.namesNow());

function card(item: Given, setting: Setting): Child {
  const consent = item.consent.object;
  const spoken = { lang: consent.language, dir: directionOf(consent.language) };
  const stage = aloud();
  const [from, to] = [nameOf(setting, consent.from), nameOf(setting, consent.to)];
  const ask = (): void => fill(stage, sure(item, to));
  const stop = h("button", { class: "care", type: "button", on: { click: ask } }, say("stop"));
  const begin = async (): Promise<void> => {
    const begun = await narrowing(phone(), item.consent.d);
    fill(stage, fewer(item, begun));
  };
  const said = aloud();
  const less = deed(say("less"), said, begin);
  return h(
    "section",
    { class: "card", "data-consent": true },
    h("h2", {}, say("yes-from-to", { from, to })),
    h("ul", spoken, itemsInWords(consent).map(({ words: text }) => h("li", {}, text))),
    h("p", { class: "soft" }, say("yes-until", { day: dayInWords(language(), consent.not_after) })),
    h("div", { class: "row" }, stop, consent.types.length > 1 && less),
    said,
    stage,
  );
}

function sure(item: Given, to: string): Child {
  const said = aloud();
  const stop = async (): Promise<void> => {
    await revoke(phone(), [item.consent.d]);
    goDone("yes", "stopped");
  };
  const yes = deed(say("stop-yes"), said, stop, "care main");
  return [h("p", {}, say("stop-means", { to })), h("p", {}, say("stop-quiet")), h("div", { class: "row" }, yes), said];
}

function fewer(item: Given, begun: Narrowing): Child {
  const kept = new Set<string>();
  const said = aloud();
  const { language: tongue } = item.consent.object;
  // What is signed stands here, from the first tick on.
  const text = h("div", { class: "signed", id: "less-text", lang: tongue, dir: directionOf(tongue) });
  const less = async (): Promise<void> => {
    await begun.give(kept);
    goDone("yes", "less");
  };
  const save = deed(say("less-save"), said, less, "main");
  const changed = (): void => {
    save.disabled = kept.size === 0;
    text.textContent = kept.size === 0 ? "" : begun.text(kept);
    text.hidden = kept.size === 0;
  };
  changed();
  const boxes = itemsInWords(item.consent.object).map(({ type, words }) =>
    h(
      "label",
      { class: "choice" },
      tick(type, type, kept, changed),
      h("span", { lang: tongue }, words),
    ));
  return [
    h("fieldset", { class: "stack" }, h("legend", {}, say("less-what")), boxes),
    text,
    h("p", { class: "soft" }, say("sign-how")),
    h("div", { class: "row" }, save),
    said,
  ];
}

// Objecting stops what is new, from everyone or from one; it takes no reason and no key.
async function objecting(setting: Setting): Promise<Child> {
  const own = phone();
  const family = await own.family();
  const stage = h("div");
  try {
    const said = await standingObjections(own);
    fill(stage, [...said].map(([d, objection]) => objected(d, objection, setting)), choose(setting, family.children));
  } catch (error) {
    fill(stage, trouble(error));
  }
  return [h("h2", {}, say("object")), h("p", {}, say("object-how")), stage];
}

function objected(d: string, objection: Objection, setting: Setting): Child {
  const said = aloud();
  const who = objection.from === undefined ? say("object-everyone") : nameOf(setting, objection.from);
  const to = objection.to === undefined ? say("object-everyone-to") : nameOf(setting, objection.to);
  const undo = async (): Promise<void> => {
    await withdrawObjection(phone(), d);
    again();
  };
  return h(
    "div",
    { class: "card", "data-objection": true },
    h("p", {}, say("object-stands", { from: who, to })),
    h("div", { class: "row" }, deed(say("object-back"), said, undo)),
    said,
  );
}

function choose(setting: Setting, children: readonly string[]): Child {
  const said = aloud();
  const from = h(
    "select",
    { id: "object-from" },
    h("option", { value: "" }, say("object-everyone")),
    [...setting.namesNow()].map(([partner, name]) => h("option", { value: partner }, name)),
  );
  const about = whom("object-about", phone().person, children);
  const object = async (): Promise<void> => {
    await objectTo(phone(), about.chosen(), from.value || undefined);
    goDone("yes", "objected");
  };
  return h(
    "details",
    { class: "card" },
    h("summary", {}, say("object-open")),
    h("label", { for: "object-from" }, say("object-from")),
    from,
    about.field,
    h("div", { class: "row" }, deed(say("object-do"), said, object, "care")),
    said,
  );
}
