// The notice page of one message for one person, line by line, in the order that the rulebook gives it.
//
// Made per person: only what the caller hands over as theirs is named, and of other people nobody is. Words come from
// codes and organisations' names; what was written stands in sealed sections and is opened elsewhere.

import { byBytes } from "../bytes.ts";
import { type Entry, type Manifest, type Party, type Rulebook, senderParty } from "../objects.ts";
import { OVER_BROAD } from "../words.ts";
import { enumeration, has, type Params, phrase } from "./catalogue.ts";
import { belgian } from "./civil_time.ts";
import { momentInWords } from "./dates.ts";
import { partnerName, readingOrder, scopeInWords, type Voice } from "./labels.ts";
import type { Action, Line, NoticeFacts, Opened, Section } from "./notice_facts.ts";
import { Next, type Page, saidInWords } from "./notice_next.ts";
import { notShared, yes } from "./notice_yes.ts";

// Codes of a notice.
export const ALARM = "alarm";
export const CODE_FIRST = "code-first";
export const DELAYED = "delayed";
export const EXPIRED_DIRECTORY = "expired-directory";
export const WITHOUT_DEVICE = "without-device";

// The notice page of a message. `entries` are the sections that this person is told of, also those withheld from them
// with a reason that may be shown; an entry that must stay unseen is not handed over. `rulebook` is the one in force at
// acceptance. Refuses `text.language`, `text.missing` (no words for a term), `text.param` (a name that is not plain
// text), `time.range`.
export const renderNotice = (
  manifest: Manifest, entries: readonly Entry[], facts: NoticeFacts, rulebook: Rulebook, language: string,
): Line[] => new NoticePage(manifest, entries, facts, rulebook, language).lines();

// Renders one page: keeps what every line needs.
export class NoticePage implements Page {
  readonly manifest: Manifest;
  readonly entries: readonly Entry[];
  readonly facts: NoticeFacts;
  readonly rulebook: Rulebook;
  readonly language: string;
  readonly types: ReadonlySet<string>;
  // Whether it is about the reader, and about which of their children.
  readonly own: boolean;
  readonly children: ReadonlySet<string>;
  readonly sender: string;
  readonly to: string;
  readonly toYou: boolean;
  readonly fromYou: boolean;

  constructor(
    manifest: Manifest, entries: readonly Entry[], facts: NoticeFacts, rulebook: Rulebook, language: string,
  ) {
    this.manifest = manifest;
    this.entries = entries;
    this.facts = facts;
    this.rulebook = rulebook;
    this.language = language;
    this.types = new Set(entries.map((entry) => entry.type));
    const about = entries.flatMap((entry) => entry.about);
    this.own = about.includes(facts.person);
    this.children = new Set(about.filter((person) => facts.children.has(person)));
    this.sender = this.name(senderParty(manifest.from));
    this.to = this.name(manifest.to);
    this.toYou = manifest.to.person === facts.person;
    this.fromYou = manifest.from.person === facts.person;
  }

  // All lines, in the order of the sections, each beginning with a capital.
  lines(): Line[] {
    const following = new Next(this);
    const lines = [
      line("leave", this.say("leave"), "leave"), ...this.#who(), this.#why(), ...this.#what(), ...notShared(this),
      ...yes(this), ...this.#next(following), ...this.#openings(), ...this.#code(), ...this.#act(following),
      line("complain", this.say("complain", { huis: this.rulebook.name })),
    ];
    return lines.map((each) => ({ ...each, text: capital(each.text) }));
  }

  say(key: string, params: Params = {}): string {
    return phrase(this.language, `notice.${key}`, params);
  }

  name(party: Party): string {
    if (party.partner !== undefined) return partnerName(this.language, party.partner, this.facts.names);
    return phrase(this.language, party.person === this.facts.person ? "party.you" : "party.family");
  }

  // A moment in words; the year is said when it is not the present one.
  moment(seconds: number, first = false): string {
    const year = belgian(seconds).year !== belgian(this.facts.now).year;
    return momentInWords(this.language, seconds, { year, first });
  }

  // Whom it is about, to this reader: themselves, their children, or nobody that may be named.
  #about(): string | null {
    const child = ["", "child"][this.children.size] ?? "children";
    const word = this.own ? ["you", child].filter((each) => each !== "").join("-and-") : child;
    return word === "" ? null : phrase(this.language, `about.${word}`);
  }

  #voice(entry: Entry): Voice {
    const own = entry.about.includes(this.facts.person);
    const children = entry.about.filter((person) => this.children.has(person)).length;
    if (own && children === 0) return "yours";
    return !own && children === 1 && this.children.size === 1 ? "child" : "plain";
  }

  // Who to whom, in the words of the kind where it has some; when; and whether it was an alarm.
  #who(): Line[] {
    const { manifest, facts } = this;
    const about = this.#about();
    const own = `notice-who.${manifest.kind}${this.toYou ? "-to-you" : ""}`;
    const params = { from: this.#senderWithFunction(), to: this.to, about: about ?? "" };
    const lines = [
      phrase(this.language, this.#whoKey(own, about !== null), params),
      this.say("when", { when: this.moment(facts.acceptedAt, true) }),
      ...[ALARM, EXPIRED_DIRECTORY].filter((code) => facts.codes.includes(code)).map((code) => this.say(code)),
    ];
    return lines.map((text) => line("who", text));
  }

  #senderWithFunction(): string {
    const word = this.facts.functions.get(this.manifest.from.device ?? "");
    if (word === undefined) return this.sender;
    return this.say("by", { from: this.sender, function: phrase(this.language, `function.${word}`) });
  }

  #whoKey(own: string, named: boolean): string {
    if (this.fromYou) return "notice.who-from-you";
    if (named && has(this.language, own)) return own;
    if (this.toYou) return "notice.who-to-you";
    return named ? "notice.who" : "notice.who-plain";
  }

  #why(): Line {
    const own = `notice-why.${this.manifest.kind}`;
    const why = phrase(this.language, has(this.language, own) ? own : `purpose-why.${this.manifest.purpose}`);
    return line("why", this.say("why", { why }));
  }

  #what(): Line[] {
    const items = new Set<string>();
    const kept: Line[] = [];
    for (const kind of readingOrder(this.types)) {
      for (const entry of this.entries.filter((each) => each.type === kind)) {
        const item = scopeInWords(this.language, kind, entry.form, this.#voice(entry));
        const held = entry.withheld.find((each) => each.person === this.facts.person);
        if (held === undefined) items.add(item);
        else kept.push(line("what", this.say("withheld", { item, reason: this.#reason(held.reason) })));
      }
    }
    const broad = this.facts.codes.includes(OVER_BROAD);
    const words = capital(enumeration(this.language, [...items]));
    return [
      ...(items.size > 0 ? [line("what", this.say("what", { items: words }))] : []),
      ...kept,
      ...(items.size > 0 ? [line("what", this.say("read-all"), "read-all")] : []),
      ...(broad ? [line("what", this.say("over-broad", { to: this.to }))] : []),
    ];
  }

  #reason(code: string): string {
    return phrase(this.language, `withheld-reason.${code}`);
  }

  #next(following: Next): Line[] {
    const { manifest, facts } = this;
    const lines = following.lines();
    if (manifest.notice_by !== undefined && facts.codes.includes(WITHOUT_DEVICE)) {
      lines.push(this.say("notice-by", { partner: partnerName(this.language, manifest.notice_by, facts.names) }));
    }
    if (lines.length === 0 && (this.fromYou || manifest.to.person !== undefined)) return [];
    if (lines.length === 0) lines.push(this.say("no-follow-up"));
    return [this.say("next"), ...lines].map((text) => line("next", text));
  }

  // Who opened it and when, and what was said of it since.
  #openings(): Line[] {
    const { facts, manifest } = this;
    const earlier = (one: Opened, other: Opened): number =>
      one.at - other.at || byBytes(one.organisation, other.organisation);
    const inOrder = [...facts.opened].sort(earlier);
    const lines = inOrder.map(({ organisation, function: word, at }) => {
      const params = { function: phrase(this.language, `function.${word}`), when: this.moment(at) };
      return this.say("opened", { partner: organisation, ...params });
    });
    if (facts.stopped) {
      // Whoever was handed it owes an answer about erasing; of whom nothing is asked, it never reached.
      const handed = lines.length > 0 || facts.deadlines.some((item) => item.kind === "erasure");
      lines.push(this.say(handed ? "stopped" : "withdrawn", { to: this.to }));
    } else if (lines.length === 0 && manifest.to.partner !== undefined) {
      lines.push(this.say("not-opened"));
    }
    return [...lines, ...saidInWords(this)].map((text) => line("opened", text));
  }

  // The code of ethics, to somebody who never met it with a consent (article 2).
  #code(): Line[] {
    if (!this.facts.codes.includes(CODE_FIRST)) return [];
    return [
      line("code", this.say("code")),
      line("code", this.say("code-ask", { code: this.rulebook.code_version })),
      line("code", this.say("read-code"), "read-code"),
    ];
  }

  // What the reader can do.
  #act(following: Next): Line[] {
    const { manifest, facts } = this;
    const actions: Action[] = following.asked ? ["answer", "decline"] : [];
    actions.push("ask");
    if (!this.fromYou) actions.push("not-right");
    const agreed = manifest.follow_up.length > 0 || (manifest.steps ?? []).length > 0;
    if (agreed || facts.conference !== null) actions.push("stuck");
    const lines = actions.map((action) => line("act", this.say(action), action));
    if (manifest.basis?.is !== "consent" || facts.stopped) return lines;
    return [...lines, line("act", this.say("stop"), "stop"), line("act", this.say("stop-means", { to: this.to }))];
  }
}

export const line = (section: Section, text: string, action: Action | null = null): Line => ({ section, text, action });

// A text that begins with a capital, for an ASCII letter: `het OCMW` begins a sentence too.
export const capital = (text: string): string =>
  /^[a-z]/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
