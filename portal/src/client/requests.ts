// What a person is asked: each request's flows as the yeses that they could give, with the very text of each.
//
// A yes is for oneself or for one's children, never both at once: whoever signs says in what role, once. Nothing is
// signed here. Rules: docs/spec/rulebook.md.

import type { Setting } from "../keys/evidence.ts";
import type { Signed } from "../keys/signed.ts";
import { whoSigns } from "../protocol/age.ts";
import { DAY } from "../protocol/durations.ts";
import { ProtocolError, refuse } from "../protocol/errors.ts";
import type { Flow } from "../protocol/objects.ts";
import { type ConsentTerms, draftOfFlow, renderConsent, TEMPLATE } from "../protocol/texts/consent_text.ts";
import type { Family } from "./phone.ts";

// One yes that could be given: which flow of the request, what it will say, and the text to be read.
export interface Offer {
  readonly flow: number;
  readonly draft: ConsentTerms;
  readonly text: string;
}

// A verified request. `offers` are in the order of its flows, oneself before one's children. `unanswerable` says why a
// flow has none: its number, and a code.
export interface Asked {
  readonly request: Signed<"consent-request">;
  readonly asker: string;
  readonly offers: readonly Offer[];
  readonly unanswerable: ReadonlyMap<number, string>;
}

// A request as `person` can answer it at `now` (UTC seconds); null when it is not theirs to answer.
//
// The text is in the language of the request, for a consent that says another than was asked is refused.
export function readRequest(
  request: Signed<"consent-request">, family: Family, person: string, now: number,
): Asked | null {
  const { object: asked } = request;
  const setting = family.file.setting;
  // Who may not say yes for themselves, as a young person after a rebuttal, is offered nothing that would not count.
  const myself = whoSigns(family.me.current, now).has(person) ? [person] : [];
  const groups = [myself, family.children].filter((group) => group.some((one) => asked.persons.includes(one)));
  if (groups.length === 0) return null;
  const offers: Offer[] = [];
  const unanswerable = new Map<number, string>();
  asked.flows.forEach((flow, at) => {
    try {
      if (asked.template !== TEMPLATE) refuse("request.template");
      for (const group of groups) {
        const about = group.filter((one) => asked.persons.includes(one)).sort();
        const draft = firstDraft(flow, about, person, setting, now, asked.language);
        offers.push({ flow: at, draft, text: textOf(draft, setting) });
      }
    } catch (error) {
      // One flow that cannot be shown does not keep the others from being answered.
      if (!(error instanceof ProtocolError)) throw error;
      unanswerable.set(at, error.code);
    }
  });
  return { request, asker: setting.names(asked.partner)[0] ?? asked.partner, offers, unanswerable };
}

// What a yes to a whole flow would say, from now until what is asked, or what the rules allow. Refuses
// `request.expired`, `purpose.unknown`, `purpose.no-consent`.
function firstDraft(
  flow: Flow, about: string[], person: string, setting: Setting, now: number, language: string,
): ConsentTerms {
  if (flow.until <= now) refuse("request.expired");
  const role = about.length === 1 && about[0] === person ? "self" : "authority";
  const draft = draftOfFlow(flow, {
    about, not_before: now, signers: [{ person, role }], language, code_version: setting.rulebook.object.code_version,
  });
  return bounded(draft, setting);
}

// The draft, ended where the rulebook has it end. Refuses `purpose.unknown`, `purpose.no-consent`.
export function bounded(draft: ConsentTerms, setting: Setting): ConsentTerms {
  return { ...draft, not_after: Math.min(draft.not_after, draft.not_before + longest(draft, setting)) };
}

// For how many seconds a yes by passkey may last at most.
function longest({ purpose, types, from, to }: ConsentTerms, setting: Setting): number {
  const rules = setting.rulebook.object;
  const rule = rules.purposes.find((each) => each.id === purpose) ?? refuse("purpose.unknown");
  const levels = new Map(rules.categories.map((category) => [category.id, category.level]));
  const limits = [rule.days];
  // A category that the rulebook does not know counts as highly sensitive, as in the decision.
  if (rule.days_highly !== undefined && types.some((one) => (levels.get(one.type) ?? "H") === "H")) {
    limits.push(rule.days_highly);
  }
  const sides = [from, to].map((party) => setting.member(party.partner)).filter((side) => side !== undefined);
  if (sides.some((side) => setting.secrecy(side) === "pledge")) limits.push(rules.consent.pledge_days);
  const days = Math.min(...limits);
  return days === 0 ? refuse("purpose.no-consent") : days * DAY;
}

// The draft with these types only, each in the form it had. Refuses `consent.not-asked`: a yes is never wider than the
// question.
export function narrowed(draft: ConsentTerms, types: ReadonlySet<string>): ConsentTerms {
  const held = new Set(draft.types.map((one) => one.type));
  if ([...types].some((type) => !held.has(type))) refuse("consent.not-asked");
  return { ...draft, types: draft.types.filter((one) => types.has(one.type)) };
}

// The text that is read before this yes. Refuses `text.*`: an organisation that the Huis does not know has no name
// here.
export function textOf(draft: ConsentTerms, setting: Setting): string {
  const names = new Map<string, string>();
  for (const { partner } of [draft.from, draft.to]) {
    const name = setting.names(partner)[0];
    if (partner !== undefined && name !== undefined) names.set(partner, name);
  }
  return renderConsent(draft, names);
}
