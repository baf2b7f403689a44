// On whose yes a message went, or why without; and what of it certainly did not go.

import type { Consent, Entry, Manifest, Rulebook } from "../objects.ts";
import { enumeration, type Params, phrase } from "./catalogue.ts";
import { dateInWords, dayInWords } from "./dates.ts";
import { typeInWords, type Voice } from "./labels.ts";
import type { Line, NoticeFacts } from "./notice_facts.ts";

// What families most fear to see passed on: their health, their child, their money, how they feel. Never more shameful
// ones (violence, addiction, justice, residence): to read `not shared: violence` on a phone in a kitchen does harm.
export const WORRIES: readonly string[] = ["health", "growth", "parenting", "mind", "money", "relation"];
const MOST_WORRIES = 3;
// Code of a notice: they are told later than it was shared, for a reason of the rulebook's list.
const DELAYED = "delayed";

// What these lines need of the page that they stand on.
export interface Page {
  readonly manifest: Manifest;
  readonly entries: readonly Entry[];
  readonly facts: NoticeFacts;
  readonly rulebook: Rulebook;
  readonly language: string;
  readonly types: ReadonlySet<string>;
  readonly own: boolean;
  readonly children: ReadonlySet<string>;
  readonly fromYou: boolean;
  say(key: string, params?: Params): string;
}

// Says of at most three of `WORRIES` that they did not go. Said only where it is true whatever this reader may not see:
// the rulebook closes the category to the recipient for this purpose, so the relay would have refused it; or the reader
// is told of every section, and it is in none. Of what the reader wrote, or what came to them alone, nothing went to
// anybody.
export function notShared(page: Page): Line[] {
  const { manifest, rulebook, language } = page;
  if (page.fromYou || manifest.to.person !== undefined) return [];
  const complete = page.entries.length === manifest.entries.length;
  const open = openTypes(page);
  const absent = WORRIES.filter(
    (kind) =>
      (kind !== "growth" || page.children.size > 0) &&
      rulebook.categories.some((category) => category.id === kind) &&
      !page.types.has(kind) &&
      (complete || (open !== null && !open.has(kind))),
  );
  const voice = voiceOf(page);
  const words = absent.slice(0, MOST_WORRIES).map((kind) => typeInWords(language, kind, voice));
  if (words.length === 0) return [];
  const text = page.say("not-shared", { items: enumeration(language, words) });
  return [{ section: "not-shared", text, action: null }];
}

function voiceOf({ own, children }: Page): Voice {
  if (own && children.size === 0) return "yours";
  return !own && children.size === 1 ? "child" : "plain";
}

// The categories that the relay can have let through to this recipient; null: any. An alarm may carry two categories
// beyond its rule.
function openTypes({ manifest, facts, rulebook }: Page): ReadonlySet<string> | null {
  const purpose = rulebook.purposes.find((item) => item.id === manifest.purpose);
  if (purpose === undefined || purpose.any_category || facts.sector === null) return null;
  if (manifest.kind === "report-back") return new Set(rulebook.report_back.map((item) => item.type));
  if (manifest.basis?.is !== "consent") return null;
  const rows = rulebook.relevance.filter((row) => row.purpose === purpose.id && row.sector === facts.sector);
  return new Set(rows.flatMap((row) => row.types.map((item) => item.type)));
}

// On whose yes it went, or why without; how the reader took part; and why they hear of it late.
export function yes(page: Page): Line[] {
  const { manifest, facts, language } = page;
  const { basis, carried, delay } = manifest;
  const lines = basis?.is === "consent" ? yesSaid(page) : noYes(page);
  if (carried !== undefined && page.own) {
    const day = carried.on === undefined ? "" : dateInWords(language, carried.on);
    lines.push(page.say(carried.how, { day }));
  }
  if (facts.codes.includes(DELAYED) && delay !== undefined) {
    lines.push(page.say("delayed", { reason: phrase(language, `delay-reason.${delay.code}`) }));
  }
  return lines.map((text) => ({ section: "yes", text, action: null }));
}

// Why nobody was asked. What state somebody was in is said to nobody but them.
function noYes(page: Page): string[] {
  const { language, manifest } = page;
  const { basis } = manifest;
  const means = page.say("no-yes-means");
  switch (basis?.is) {
    case "necessity":
      return [page.say("no-yes-necessity", { reason: phrase(language, `necessity.${basis.code}`) }), means];
    case "client-unable": {
      const alone = page.own && page.children.size === 0;
      const reason = alone ? phrase(language, `unable.${basis.code}`) : page.say("no-yes-unable");
      return [page.say("no-yes-client-unable", { reason }), means];
    }
    case "legal-duty":
      return [page.say("no-yes-legal-duty", { citation: basis.citation }), means];
    default:
      if (page.fromYou) return [page.say("no-yes-own")];
      return [page.say(manifest.to.partner !== undefined ? "no-yes" : "no-yes-asked")];
  }
}

// On whose yes: the reader's own by day, and that of others without saying whose.
function yesSaid(page: Page): string[] {
  const { facts, language } = page;
  const isMine = (consent: Consent): boolean => consent.signers.some((signer) => signer.person === facts.person);
  const mine = facts.consents.filter(isMine);
  const said = new Set(
    mine.map((consent) => {
      const key = consent.evidence.by === "witnessed" ? "yes-you-witnessed" : "yes-you";
      return page.say(key, { day: dayInWords(language, consent.not_before) });
    }),
  );
  if (mine.length < facts.consents.length) said.add(page.say("yes-other"));
  return said.size > 0 ? [...said] : [page.say("yes-unknown")];
}
