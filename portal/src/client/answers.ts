// Saying yes to what was asked, and to less of it later. Taking back is `stops.ts`.
//
// Each consent says what was shown and takes the next place in its chains (docs/spec/rulebook.md; article 7).

import type { CaseFile } from "../keys/casefile.ts";
import { newNonce } from "../keys/nonce.ts";
import { refuse } from "../protocol/errors.ts";
import { type Consent, type Party, partyKey } from "../protocol/objects.ts";
import { type ConsentTerms, textDigest } from "../protocol/texts/consent_text.ts";
import { flowsOf, type Given, Heads, readGiven } from "./chains.ts";
import type { Family, Phone } from "./phone.ts";
import { type Asked, bounded, narrowed, textOf } from "./requests.ts";
import { type Answer, digestOfStatement, signAndSubmit, type Statement } from "./touch.ts";

// A yes that is ready to be given: what it will say, to which request.
interface Yes {
  readonly terms: ConsentTerms;
  readonly household: string;
  readonly request: string;
}

// Which of the offers of a request are said yes to, by their place in `Asked.offers`, and to which types of each.
export type Choice = ReadonlyMap<number, ReadonlySet<string>>;

// Says yes to the offers that are chosen, with one touch. What is signed reads as it was shown: `shown` are the texts
// by the place of their offer; what is chosen whole was shown in the offer itself. Refuses `consent.not-asked`,
// `consent.nothing`, `consent.text-changed` (an organisation has another name by now, or the rules do: look again), and
// as `signAndSubmit`.
export async function accept(
  phone: Phone, asked: Asked, choice: Choice, shown: ReadonlyMap<number, string> = new Map(),
): Promise<Answer[]> {
  const family = await phone.family();
  const heads = new Heads();
  const yeses: Yes[] = [];
  for (const [at, types] of choice) {
    const offer = asked.offers[at] ?? refuse("consent.not-asked");
    if (types.size === 0) continue;
    const file = await evidenceFor(phone, family, offer.draft.from, offer.draft.to, heads);
    const whole = types.size === new Set(offer.draft.types.map((one) => one.type)).size;
    const terms = whole ? offer.draft : bounded(narrowed(offer.draft, types), file.setting);
    const read = shown.get(at) ?? (whole ? offer.text : undefined);
    // The text that is signed is rendered by the setting that the consents name.
    for (const { setting } of [file, family.file]) {
      if (read !== undefined && textOf(terms, setting) !== read) refuse("consent.text-changed");
    }
    yeses.push({ terms, household: asked.request.object.household, request: asked.request.d });
  }
  return signAndSubmit(phone, consentsOf(phone, yeses, heads, family.file));
}

// The text of an offer with some of its types only, as it would be signed. Refuses as `narrowed`.
export const textOfChoice = (asked: Asked, at: number, types: ReadonlySet<string>, file: CaseFile): string => {
  const offer = asked.offers[at] ?? refuse("consent.not-asked");
  return textOf(bounded(narrowed(offer.draft, types), file.setting), file.setting);
};

// A consent on the way to being made less. `text` is what would be signed with these types only; `give` signs just
// that.
export interface Narrowing {
  text(types: ReadonlySet<string>): string;
  give(types: ReadonlySet<string>): Promise<Answer[]>;
}

// Begins to replace the consent `d` by one for some of its types only, until the same end. Two take its place where it
// is about oneself and about children. Refuses `consent.unknown` (none of one's own that counts); `text` refuses
// `consent.not-asked`; `give` also `consent.nothing` (then it is to be stopped), `consent.text-changed`, and as
// `accept`.
export async function narrowing(phone: Phone, d: string): Promise<Narrowing> {
  const now = phone.clock();
  const begun = await phone.consents();
  const family = await phone.family();
  const own = [[phone.person], family.children];
  const standing = (file: CaseFile): Given =>
    readGiven(file, own.flat(), phone.clock()).find((item) => item.consent.d === d && item.countsFor.length > 0) ??
    refuse("consent.unknown");
  const terms = (file: CaseFile, types: ReadonlySet<string>): ConsentTerms[] => {
    const given = standing(file);
    const groups = own.map((group) => given.countsFor.filter((person) => group.includes(person)));
    return groups.filter((about) => about.length > 0).map((about) => lessOf(phone, given, about, types, file, now));
  };
  const textIn = (file: CaseFile, types: ReadonlySet<string>): string =>
    terms(file, types).map((one) => textOf(one, file.setting)).join("\n\n");
  standing(begun);
  return {
    text: (types) => textIn(begun, types),
    give: async (types) => {
      if (types.size === 0) refuse("consent.nothing");
      const file = await phone.consents();
      if (textIn(file, types) !== textIn(begun, types)) refuse("consent.text-changed");
      const heads = new Heads();
      const { household, request } = standing(file).consent.object;
      const yeses = terms(file, types).map((one): Yes => {
        heads.read(file, flowsOf(one.about, partyKey(one.from), partyKey(one.to)), phone.clock());
        return { terms: one, household, request };
      });
      return signAndSubmit(phone, consentsOf(phone, yeses, heads, file));
    },
  };
}

function lessOf(
  phone: Phone, { consent }: Given, about: string[], types: ReadonlySet<string>, file: CaseFile, now: number,
): ConsentTerms {
  const { purpose, from, to, types: all, not_after, language } = consent.object;
  const role = about.length === 1 && about[0] === phone.person ? "self" : "authority";
  const code_version = file.setting.rulebook.object.code_version;
  const whole: ConsentTerms = {
    purpose, from, to, types: all, about, not_before: now, not_after, signers: [{ person: phone.person, role }],
    language, code_version, replaces: [consent.d],
  };
  return bounded(narrowed(whole, types), file.setting);
}

// Fetches the chains of this person and their children for one (from, to), and takes over where they end.
async function evidenceFor(phone: Phone, family: Family, from: Party, to: Party, heads: Heads): Promise<CaseFile> {
  const persons = [phone.person, ...family.children].sort();
  const flows = flowsOf(persons, partyKey(from), partyKey(to));
  const file = await phone.believe(await phone.relay.evidence({ persons, from, to }), flows);
  heads.read(file, flows, phone.clock());
  return file;
}

// The consents that say these yeses, at the next places of their chains.
function consentsOf(phone: Phone, yeses: readonly Yes[], heads: Heads, file: CaseFile): Statement[] {
  return yeses.map(({ terms, household, request }) => {
    const [from, to] = [partyKey(terms.from), partyKey(terms.to)];
    const object: Consent = {
      v: 1, huis: phone.huis, nonce: newNonce(), household, request, purpose: terms.purpose, from: terms.from,
      to: terms.to, types: terms.types, about: terms.about, not_before: terms.not_before, not_after: terms.not_after,
      signers: terms.signers, evidence: { by: "passkey" }, language: terms.language,
      text_digest: textDigest(textOf(terms, file.setting)), rulebook: file.setting.rulebook.d,
      code_version: terms.code_version, replaces: terms.replaces, chains: heads.links(terms.about, from, to),
    };
    const statement: Statement = { kind: "consent", object };
    heads.append(terms.about, from, to, digestOfStatement(statement));
    return statement;
  });
}
