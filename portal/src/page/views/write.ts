// Writing to an organisation: a question, or what one wants it to know; sealed on this phone (article 6).

import { send } from "../../client/letters.ts";
import type { Setting } from "../../keys/evidence.ts";
import { has } from "../../protocol/texts/catalogue.ts";
import { typeInWords } from "../../protocol/texts/labels.ts";
import { whom } from "../deed.ts";
import { type Child, h } from "../dom.ts";
import { addressOf, goDone, type Place, wasDone } from "../place.ts";
import { aloud } from "../step.ts";
import { doing } from "../trouble.ts";
import { phone } from "../unlocked.ts";
import { language, say } from "../words.ts";

const QUESTION = "ask";
// What can be written in one's own words; a contact, a name and a plan have forms of their own.
const OTHER_FORMS = new Set(["who", "contact", QUESTION]);

export async function write({ parts }: Place): Promise<Child> {
  if (parts[0] === "done" && wasDone()) return done();
  const own = phone();
  const family = await own.family();
  const { setting } = family.file;
  const said = aloud();
  const nobody = h("option", { value: "" }, say("write-choose"));
  const to = h("select", { id: "to", required: true }, nobody, partners(setting));
  const kind = h("select", { id: "kind" }, kinds(setting).map(([id, words]) => h("option", { value: id }, words)));
  const about = whom("about", own.person, family.children);
  const text = h("textarea", { id: "text", maxlength: 1000, required: true, dir: "auto" });
  const button = h("button", { class: "main wide", type: "submit" }, say("write-send"));
  const submit = (event: Event): void => {
    event.preventDefault();
    void doing(button, said, async () => {
      const section = { type: kind.value, about: about.chosen(), text: text.value.trim() };
      await send(own, { to: to.value, sections: [section], purpose: "voice" });
      goDone("write", "done");
    });
  };
  return [
    h("h1", {}, say("write")),
    h("p", {}, say("write-how")),
    h(
      "form",
      { class: "fields", on: { submit } },
      h("label", { for: "to" }, say("write-to")),
      to,
      h("label", { for: "kind" }, say("write-kind")),
      kind,
      about.field,
      h("label", { for: "text" }, say("write-text")),
      text,
      h("div", { class: "stack" }, button, said),
    ),
  ];
}

const done = (): Child => [
  h("h1", {}, say("write-done")),
  h("div", { class: "note", role: "status" }, h("p", {}, say("write-done-how"))),
  h("p", {}, h("a", { class: "button", href: addressOf("") }, say("go-home"))),
];

const partners = (setting: Setting): Child =>
  [...setting.namesNow()]
    .sort(([, left], [, right]) => left.localeCompare(right, language()))
    .map(([partner, name]) => h("option", { value: partner }, name));

// A question first; then what the rulebook has words for. Rules bind partners, not families: anything may be sent.
function kinds(setting: Setting): [string, string][] {
  const known = setting.rulebook.object.categories
    .map((category) => category.id)
    .filter((id) => !OTHER_FORMS.has(id) && has(language(), `category-yours.${id}`));
  const named = known.map((id): [string, string] => [id, typeInWords(language(), id, "yours")]);
  return [[QUESTION, say("write-question")], ...named];
}
