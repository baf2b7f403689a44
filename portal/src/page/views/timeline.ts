// What a person was told, newest first: each a calm card, and on top what waits for them (docs/spec/receipts.md).
//
// Cards come one by one as they are verified, so that the newest can be read first. Nothing is counted or numbered, and
// what is not there leaves no gap: a notice that waits must not show.

import { readDeadlines } from "../../client/deadlines.ts";
import { type ClientNotice, pageOf } from "../../client/notices.ts";
import { RelayUnreachable } from "../../client/problems.ts";
import { noticesOf, type Notices } from "../../client/told.ts";
import type { Line, Section } from "../../protocol/texts/notice_facts.ts";
import { questions } from "../asked.ts";
import { type Child, fill, h } from "../dom.ts";
import { addressOf } from "../place.ts";
import { trouble } from "../trouble.ts";
import { phone } from "../unlocked.ts";
import { language, say } from "../words.ts";
import { keysNews } from "./keys_wait.ts";

// How many come at once; more at a touch.
const AT_ONCE = 5;

export function timeline(): Child {
  const [waiting, cards, owed] = [h("div"), h("div", { class: "told-list" }), h("div")];
  const still = h("p", { class: "soft", role: "status" }, say("page-timeline.reading"));
  void show(waiting, cards, owed).catch(
    (error: unknown) => fail(error, waiting, cards, owed)
  ).finally(() => still.remove());
  const keys = h("div");
  void keysNews().then((news) => fill(keys, news)).catch((error: unknown) => fill(keys, trouble(error, again)));
  return [h("h1", {}, say("page-timeline.title")), keys, waiting, cards, still, owed];
}

// What comes from a relay that was caught at something is not read on, also not what was shown of it before.
function fail(error: unknown, waiting: HTMLElement, ...shown: readonly HTMLElement[]): void {
  if (!(error instanceof RelayUnreachable)) for (const part of shown) fill(part);
  fill(waiting, trouble(error, again));
}

const again = (): boolean => dispatchEvent(new HashChangeEvent("hashchange"));

async function show(waiting: HTMLElement, cards: HTMLElement, owed: HTMLElement): Promise<void> {
  const notices = await noticesOf(phone());
  const order = notices.told.map(({ d }) => d);
  const more = (many: number): Promise<void> => showMore(notices, order.splice(0, many), cards);
  await more(1);
  const { asked } = await questions();
  const open = await askedOf(notices);
  fill(
    waiting,
    asked.map((item, at) => waits(say("page-timeline.asks", { asker: item.asker }), addressOf("request", String(at)))),
    open.map((notice) => waits(firstLine(notice, "who"), addressOf("notices", notice.notice.d))),
  );
  if (notices.told.length === 0) {
    fill(
      cards, h("p", {}, say("page-timeline.nothing")), h("p", { class: "soft" }, say("page-timeline.nothing-means"))
    );
  }
  await more(AT_ONCE - 1);
  const next = async (button: HTMLButtonElement): Promise<void> => {
    const before = cards.lastElementChild;
    try {
      await more(AT_ONCE);
      before?.nextElementSibling?.querySelector("a")?.focus();
      button.hidden = order.length === 0;
    } catch (error) {
      fail(error, waiting, cards, owed);
    }
  };
  fill(owed, order.length > 0 && older(next), await stillOwed());
}

async function showMore(notices: Notices, digests: readonly string[], cards: HTMLElement): Promise<void> {
  for (const d of digests) {
    const notice = await notices.read(d);
    if (notice !== null) cards.append(card(notice));
  }
}

function older(next: (button: HTMLButtonElement) => Promise<void>): Child {
  const more = async (): Promise<void> => {
    button.disabled = true;
    await next(button);
    button.disabled = false;
  };
  const look = { type: "button", class: "wide", on: { click: () => void more() } };
  const button = h("button", look, say("page-timeline.older"));
  return h("div", { class: "stack" }, button);
}

// The questions of partners to this person that are open: what they owe an answer to, however long ago it was asked.
async function askedOf(notices: Notices): Promise<ClientNotice[]> {
  const own = phone().person;
  const messages = new Set(
    notices.beside.deadlines
      .filter((item) => item.kind === "answer" && item.owner.person === own && item.state === "open")
      .map((item) => item.message ?? item.object),
  );
  const found: ClientNotice[] = [];
  for (const { d, item } of notices.told.filter((each) => messages.has(each.item.manifest))) {
    messages.delete(item.manifest);
    const notice = await notices.read(d);
    if (notice !== null && linesOf(notice).some((line) => line.action === "answer")) found.push(notice);
  }
  return found;
}

function waits(text: string, address: string): Child {
  return h(
    "section",
    { class: "note waits" },
    h("h2", {}, say("page-timeline.question")),
    h("p", {}, h("bdi", {}, text)),
    h("a", { class: "button main", href: address }, say("page-timeline.question-read")),
  );
}

const linesOf = (notice: ClientNotice): Line[] => pageOf(notice, phone().person, phone().clock(), language());

const firstLine = (notice: ClientNotice, section: Section): string =>
  linesOf(notice).find((line) => line.section === section)?.text ?? "";

function card(notice: ClientNotice): HTMLElement {
  const lines = linesOf(notice);
  const of = (section: Section): string[] =>
    lines.filter((line) => line.section === section && line.action === null).map((line) => line.text);
  const [who = "", when] = of("who");
  const late = notice.deadlines.some((item) => item.state === "overdue");
  return h(
    "article",
    { class: "card told" },
    h("p", { class: "small soft" }, when),
    h("h2", {}, h("a", { href: addressOf("notices", notice.notice.d) }, who)),
    h("p", {}, of("what")[0]),
    late && h("p", { class: "small" }, say("page-timeline.late")),
  );
}

// What was promised and is not done yet, by when, and what is late: in words.
async function stillOwed(): Promise<Child> {
  const due = (await readDeadlines(phone(), language())).filter(
    ({ item }) => item.state === "open" || item.state === "overdue"
  );
  if (due.length === 0) return null;
  // What two messages agree alike is read once.
  const once = new Map(due.map((item) => [item.text, item]));
  return h(
    "section",
    { class: "owed" },
    h("h2", {}, say("page-timeline.owed")),
    h("ul", {}, [...once.values()].map((item) => h("li", { "data-late": item.late }, item.text))),
  );
}
