// What a person does about one message: ask, object, say that it goes badly, answer, say no, or stop what it rests on.

import { readGiven } from "../../client/chains.ts";
import { answer, send } from "../../client/letters.ts";
import type { ClientNotice } from "../../client/notices.ts";
import { revoke } from "../../client/stops.ts";
import { noticeOf } from "../../client/told.ts";
import { decline, sayOf } from "../../client/words_said.ts";
import type { Setting } from "../../keys/evidence.ts";
import { partnerName } from "../../protocol/texts/labels.ts";
import { type Child, h } from "../dom.ts";
import { addressOf, goDone, type Place, wasDone } from "../place.ts";
import { aloud } from "../step.ts";
import { doing } from "../trouble.ts";
import { phone } from "../unlocked.ts";
import { language, say } from "../words.ts";

type Doing = (notice: ClientNotice, text: string) => Promise<void>;

// Whether words can be added, and what happens.
const ACTS: Readonly<Record<string, { readonly text: "must" | "may" | "none"; readonly run: Doing }>> = {
  ask: { text: "must", run: (notice, text) => write(notice, text) },
  "not-right": {
    text: "may",
    run: async (notice, text) => {
      await sayOf(phone(), notice, "objected");
      if (text !== "") await write(notice, text);
    },
  },
  stuck: {
    text: "may",
    run: async (notice, text) => {
      await sayOf(phone(), notice, "stuck");
      if (text !== "") await write(notice, text);
    },
  },
  answer: { text: "must", run: async (notice, text) => void (await answer(phone(), notice, text)) },
  decline: { text: "none", run: (notice) => decline(phone(), notice) },
  stop: { text: "none", run: (notice) => stop(notice) },
};

export async function act({ parts }: Place): Promise<Child> {
  const [d = "", name = "", done] = parts;
  const found = Object.hasOwn(ACTS, name) ? ACTS[name] : undefined;
  const notice = found === undefined ? null : await noticeOf(phone(), d);
  if (found === undefined || notice === null) return h("h1", {}, say("nowhere"));
  const to = partnerOf(notice);
  if (done !== undefined && wasDone()) return thanks(name, to, d);
  const said = aloud();
  const text = h("textarea", { id: "text", maxlength: 1000, required: found.text === "must", dir: "auto" });
  const look = name === "stop" ? "main wide care" : "main wide";
  const button = h("button", { class: look, type: "submit" }, say(`act-${name}-do`));
  const submit = (event: Event): void => {
    event.preventDefault();
    void doing(button, said, async () => {
      await found.run(notice, text.value.trim());
      goDone("notices", d, name, "done");
    });
  };
  return [
    h("h1", {}, say(`act-${name}`)),
    h("p", {}, say(`act-${name}-how`, { partner: to.name, to: recipientOf(notice) })),
    h(
      "form",
      { on: { submit } },
      found.text !== "none" && [
        h("label", { for: "text" }, say(found.text === "must" ? "act-text" : "act-text-may")),
        text,
      ],
      h("div", { class: "stack" }, button, back("button wide", d), said),
    ),
  ];
}

const thanks = (name: string, to: Named, d: string): Child => [
  h("h1", {}, say(`act-${name}-done`)),
  h("div", { class: "note", role: "status" }, h("p", {}, say(`act-${name}-next`, { partner: to.name }))),
  h("p", {}, back("button", d)),
];

const back = (look: string, d: string): Child => h("a", { class: look, href: addressOf("notices", d) }, say("back"));

interface Named {
  readonly partner: string;
  readonly name: string;
}

// The organisation that answers for a message: who sent it, or who got what this person wrote.
function partnerOf({ copy }: ClientNotice): Named {
  const { from, to } = copy.manifest.object;
  const partner = from.partner ?? to.partner ?? "";
  return { partner, name: nameOf(copy.file.setting, partner) };
}

function recipientOf({ copy }: ClientNotice): string {
  const { partner } = copy.manifest.object.to;
  return partner === undefined ? say("party.you") : nameOf(copy.file.setting, partner);
}

const nameOf = (setting: Setting, partner: string): string => partnerName(language(), partner, setting.namesNow());

async function write(notice: ClientNotice, text: string): Promise<void> {
  const own = phone();
  const section = { type: "ask", about: [own.person], text };
  await send(own, { to: partnerOf(notice).partner, sections: [section], purpose: "voice" });
}

// Takes back every consent of this person's that the message rests on and that still counts, with one touch.
async function stop({ copy }: ClientNotice): Promise<void> {
  const own = phone();
  const { basis } = copy.manifest.object;
  const named = new Set(basis?.is === "consent" ? basis.consents : []);
  const family = await own.family();
  const given = readGiven(await own.consents(), [own.person, ...family.children], own.clock());
  const flow = (item: (typeof given)[number]): string =>
    JSON.stringify([item.consent.object.from, item.consent.object.to]);
  const flows = new Set(given.filter((item) => named.has(item.consent.d)).map(flow));
  // A yes that was narrowed since took the place of the one that the message names.
  const rested = given.filter((item) => named.has(item.consent.d) || flows.has(flow(item)));
  const standing = rested.filter((item) => item.countsFor.length > 0);
  await revoke(own, standing.map((item) => item.consent.d));
}
