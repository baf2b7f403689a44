// The part of a notice page that says what happens now: who does what by when, whether it is late, who is at the table.
//
// A line about the future stands only where somebody owes it: an agreement, a step, an answer, an erasure, a second
// look.

import { byBytes } from "../bytes.ts";
import {
  type FollowUp, kindRule, type Manifest, type Party, type PlanStep, type Rulebook, sameParty, senderParty,
} from "../objects.ts";
import { SECOND_SIGNATURE } from "../words.ts";
import { endOfWorkingDay } from "../working_days.ts";
import { enumeration, has, type Params, phrase } from "./catalogue.ts";
import { dateInWords, dayInWords } from "./dates.ts";
import { type DeadlineItem, isRunning, type NoticeFacts } from "./notice_facts.ts";
import { owedInWords } from "./owed_text.ts";

const ORDER = ["first-contact", "report-client", "report-back", "none-ask"];

// What these lines need of the page that they stand on.
export interface Page {
  readonly manifest: Manifest;
  readonly facts: NoticeFacts;
  readonly rulebook: Rulebook;
  readonly language: string;
  readonly types: ReadonlySet<string>;
  // A phrase of the section `notice`.
  say(key: string, params?: Params): string;
  // A party as this reader knows it.
  name(party: Party): string;
  // A moment in words.
  moment(seconds: number, first?: boolean): string;
}

// Makes the lines of one page.
export class Next {
  readonly #page: Page;
  readonly #done: ReadonlySet<string>;

  constructor(page: Page) {
    this.#page = page;
    const said = page.facts.said.filter((item) => item.event === "done");
    this.#done = new Set([...page.facts.done, ...said.flatMap((item) => item.codes)]);
  }

  // Whether this reader is asked something, and may still answer.
  get asked(): boolean {
    const { manifest, rulebook } = this.#page;
    const kind = kindRule(rulebook, manifest.kind);
    const answersNothing = kind !== undefined && (kind.answers ?? []).length === 0;
    return this.#isYou(manifest.to) && manifest.from.partner !== undefined && answersNothing && this.settled === null;
  }

  // How a question to this reader was settled; null while it is open.
  get settled(): "answered" | "declined" | "lapsed" | null {
    if (this.#page.facts.said.some((item) => item.event === "declined" && this.#isYou(item.who))) return "declined";
    const held = this.deadline("answer");
    if (held?.state === "done") return "answered";
    return held?.state === "lapsed" ? "lapsed" : null;
  }

  // The deadline of this kind and number that the reader is shown.
  deadline(kind: string, number = 0): DeadlineItem | undefined {
    return this.#page.facts.deadlines.find((item) => item.kind === kind && item.number === number);
  }

  // All lines, the heading apart.
  lines(): string[] {
    const { manifest, types } = this.#page;
    const steps = manifest.steps ?? [];
    const inOrder = [...manifest.follow_up].sort((left, right) => ORDER.indexOf(left.code) - ORDER.indexOf(right.code));
    return [
      ...this.#table(),
      ...this.#question(),
      ...inOrder.flatMap((item) => this.#followUp(item)),
      ...steps.flatMap((step) => this.#step(step)),
      ...(steps.length > 0 && types.has("steps") ? [this.#page.say("steps")] : []),
      ...this.#owed("reply"),
      ...this.#secondLook(),
      ...this.#owed("erasure"),
    ];
  }

  #isYou(party: Party): boolean {
    return party.person === this.#page.facts.person;
  }

  // Who sits at the table, whether the reader does, when it is held.
  #table(): string[] {
    const page = this.#page;
    const held = page.facts.conference;
    if (held === null) return [];
    if (held.ended) return [page.say("table-ended")];
    const others = held.invitees.filter((item) => !this.#isYou(item));
    const names = [...new Set(others.map((item) => page.name(item)))];
    const lines = [page.say("table", { names: enumeration(page.language, names) })];
    if (others.length < held.invitees.length) lines.push(page.say("table-you"));
    else if (!held.with_client) lines.push(page.say("table-without"));
    if (held.discussed !== undefined) {
      lines.push(page.say("table-discussed", { day: dateInWords(page.language, held.discussed) }));
    }
    if (held.planned !== undefined) lines.push(page.say("table-when", { when: page.moment(held.planned, true) }));
    return lines;
  }

  // What a reader who is asked may do, and until when.
  #question(): string[] {
    if (this.asked) return [this.#page.say("question"), ...this.#owed("answer")];
    return this.#isYou(this.#page.manifest.to) && this.settled !== null ? [this.#page.say(this.settled)] : [];
  }

  // An agreement: who keeps it, by when, and whether it was kept.
  #followUp(item: FollowUp): string[] {
    const { manifest, language, types } = this.#page;
    const from = senderParty(manifest.from);
    const [keeper, other] = item.by === "sender" ? [from, manifest.to] : [manifest.to, from];
    const owner = this.#page.name(item.code === "none-ask" ? from : keeper);
    const text = owedInWords(language, item.code, item.due ?? null, { owner, other: this.#page.name(other) });
    const lines = this.#standing(text, item.code, item.due ?? null, this.deadline(item.code));
    const asks = item.code === "none-ask" && types.has("agreement");
    return asks ? [...lines, this.#page.say("ask-agreement")] : lines;
  }

  // A step of the plan: who takes it with whom, by when.
  #step(step: PlanStep): string[] {
    return this.#standing(this.#stepSaid(step), `step-${step.n}`, step.due, this.deadline("step", step.n));
  }

  #stepSaid(step: PlanStep): string {
    const { language } = this.#page;
    const who = this.#page.name(step.by);
    if (step.with.length === 0) return owedInWords(language, "step", step.due, { owner: who, number: step.n });
    const others = enumeration(language, step.with.map((item) => this.#page.name(item)));
    return this.#page.say("step-with", { number: String(step.n), who, others, due: dayInWords(language, step.due) });
  }

  // What was agreed, as done where it is, and late where it is.
  #standing(text: string, code: string, due: number | null, held: DeadlineItem | undefined): string[] {
    if (this.#done.has(code) || held?.state === "done") return [this.#page.say("done", { what: text })];
    if (due === null) return [text];
    const { follow_up: rules, holidays } = this.#page.rulebook;
    const visible = endOfWorkingDay(due, rules.overdue_days, holidays);
    const late = this.#page.facts.now > visible || held?.state === "overdue";
    return late ? [text, this.#page.say("late")] : [text];
  }

  // What else is owed about this message, as long as it is; of a reply also that it came.
  #owed(kind: string): string[] {
    const { language, facts } = this.#page;
    return facts.deadlines.filter((item) => item.kind === kind).flatMap((item) => {
      const owner = this.#page.name(item.owner);
      if (isRunning(item)) {
        const text = owedInWords(language, kind, item.due, { owner, number: item.number });
        return item.state === "overdue" ? [text, this.#page.say("late")] : [text];
      }
      return kind === "reply" && item.state === "done" ? [this.#page.say("replied", { partner: owner })] : [];
    });
  }

  // What a second worker said of an alarm, or of letting the notice wait; or by when one is to.
  #secondLook(): string[] {
    const said = this.#page.facts.looked.flatMap((item) => {
      if (item.what === "second") return [this.#page.say(item.agrees ? "second-agrees" : "second-disagrees")];
      return item.agrees ? [this.#page.say("delay-reviewed")] : [];
    });
    return [...this.#owed(SECOND_SIGNATURE), ...said];
  }
}

// What partners and the reader said of the message, by time; what was done stands with what was agreed.
export function saidInWords(page: Page): string[] {
  const { language, facts } = page;
  const inOrder = [...facts.said].sort((left, right) => left.at - right.at || byBytes(left.event, right.event));
  return inOrder.flatMap((item) => {
    const you = sameParty(item.who, { person: facts.person });
    const key = `${you ? "said-you" : "said"}.${item.event}`;
    const [code] = item.codes;
    const reason = item.event === "kept" && code !== undefined ? phrase(language, `kept-reason.${code}`) : "";
    if (!has(language, key)) return [];
    return [phrase(language, key, { partner: page.name(item.who), when: page.moment(item.at), reason })];
  });
}
