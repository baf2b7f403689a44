// One question for a yes: the very text that is signed, chosen thing by thing, and one touch for all of it (article 7).
//
// Nothing is ticked before. What is shown at the bottom is rendered from what is ticked, and nothing else is signed.

import type { CaseFile } from "../../keys/casefile.ts";
import { accept, textOfChoice } from "../../client/answers.ts";
import type { Asked, Offer } from "../../client/requests.ts";
import { itemsInWords } from "../../protocol/texts/consent_text.ts";
import { questions } from "../asked.ts";
import { tick } from "../deed.ts";
import { type Child, fill, h } from "../dom.ts";
import { addressOf, go, goDone, type Place } from "../place.ts";
import { aloud, step } from "../step.ts";
import { doing } from "../trouble.ts";
import { phone } from "../unlocked.ts";
import { directionOf, language, NAMES, say } from "../words.ts";

export async function request({ parts }: Place): Promise<Child> {
  const { asked, file } = await questions();
  const found = asked[Number(parts[0])];
  if (found === undefined) return [h("h1", {}, say("request-gone")), h("p", {}, say("request-gone-how"))];
  const stage = h("div");
  const onward = (): void => step(stage, choose(found, file));
  fill(stage, company(onward));
  return [h("h1", {}, say("request", { asker: found.asker })), stage];
}

// Somebody who stands beside can make a yes that is none.
function company(onward: () => void): Child {
  const button = (key: string, then: () => void): HTMLElement =>
    h("button", { class: "wide", type: "button", on: { click: then } }, say(key));
  return [
    h("h2", {}, say("company")),
    h("p", {}, say("company-how")),
    h(
      "div",
      { class: "stack" },
      button("company-no", onward),
      button("company-fine", onward),
      button("company-later", () => go("")),
    ),
  ];
}

function choose(asked: Asked, file: CaseFile): Child {
  const ticked = new Map<number, Set<string>>(asked.offers.map((_, at) => [at, new Set<string>()]));
  const shown = new Map<number, string>();
  const said = aloud();
  const sign = h("button", { class: "main wide", type: "button", id: "sign", disabled: true }, say("sign"));
  const changed = (at: number, text: string): void => {
    shown.set(at, text);
    sign.disabled = ![...ticked.values()].some((types) => types.size > 0);
  };
  sign.addEventListener("click", () => {
    const choice = new Map([...ticked].filter(([, types]) => types.size > 0));
    void doing(sign, said, async () => {
      await accept(phone(), asked, choice, shown);
      goDone("yes", "thanks");
    });
  });
  return [
    h("p", {}, say("request-how")),
    otherLanguage(asked),
    asked.offers.map((offer, at) => question(asked, file, offer, at, ticked.get(at) ?? new Set(), changed)),
    asked.unanswerable.size > 0 && h("p", { class: "note" }, say("request-unanswerable")),
    h("p", { class: "soft" }, say("sign-how")),
    h("div", { class: "stack" }, sign, h("a", { class: "button wide", href: addressOf("") }, say("sign-not")), said),
    h("p", { class: "small soft" }, say("sign-no-means")),
  ];
}

// The text is signed in the language in which it was asked.
function otherLanguage(asked: Asked): Child {
  const wanted = asked.request.object.language;
  if (wanted === language()) return null;
  const names = { language: NAMES[wanted] ?? wanted, asker: asked.asker };
  return h("p", { class: "note care" }, say("request-language", names));
}

// Whether a conflict between a child's parents is known: then one yes does not do for all of this. Who the other is,
// and what they said, is not shown.
function needsBoth({ draft }: Offer, file: CaseFile): boolean {
  const { categories, persons } = file.setting.rulebook.object;
  const levels = new Map(categories.map((category) => [category.id, category.level]));
  const strict = draft.types.some(({ type }) => persons.conflict_levels.includes(levels.get(type) ?? "H"));
  const known = draft.about.some((person) => file.clients.get(person)?.current.conflict === true);
  return strict && known && draft.signers.some((signer) => signer.role === "authority");
}

function question(
  asked: Asked, file: CaseFile, offer: Offer, at: number, ticked: Set<string>,
  changed: (at: number, text: string) => void,
): Child {
  const { language: tongue } = offer.draft;
  const spoken = { lang: tongue, dir: directionOf(tongue) };
  const [title = "", ...rest] = offer.text.split("\n");
  const text = h("div", { class: "signed", ...spoken, id: `text-${at}` });
  const show = (): void => {
    const words = ticked.size === 0 ? "" : textOfChoice(asked, at, ticked, file);
    text.textContent = words;
    text.hidden = ticked.size === 0;
    changed(at, words);
  };
  const boxes = itemsInWords(offer.draft).map(({ type, words, highly }) => {
    const sensitive = highly && h("span", { class: "small soft" }, ` · ${say("very-sensitive")}`);
    return h(
      "label",
      { class: "choice" },
      tick(`${at}-${type}`, type, ticked, show),
      h("span", {}, h("bdi", { lang: tongue }, words), sensitive),
    );
  });
  show();
  return h(
    "section",
    { class: "card", "data-offer": at },
    h("h2", spoken, title),
    h("p", spoken, rest.slice(0, 2).map((line) => [line, h("br")])),
    needsBoth(offer, file) && h("p", { class: "note" }, say("request-both")),
    h("fieldset", { class: "stack" }, h("legend", {}, say("request-what")), boxes),
    text,
  );
}
