// The kinds of saying yes and no (docs/spec/consent.md).

import { Count, Digest, Language, PartnerId, Random128, Term, Time } from "../fields.ts";
import { chained, type Infer, list, oneOf, optional, require, requireSet, struct, tagged, variant } from "../struct.ts";
import { Party, payload, Scope, scopeKey, VERSION } from "./parties.ts";

const typesSet = (it: { readonly types: readonly Scope[] }): void => requireSet(it.types.map(scopeKey), 1, 64);
export const Flow = struct({ purpose: Term, from: Party, to: Party, types: list(Scope), until: Time }, typesSet);
export const consentRequest = payload(
  {
    household: Random128, partner: PartnerId, persons: list(Random128), flows: list(Flow), language: Language,
    template: Term, rulebook: Digest, created: Time,
  },
  (it) => {
    requireSet(it.persons, 1, 16);
    require(it.flows.length >= 1 && it.flows.length <= 16, "1 to 16");
  },
);
export const Evidence = tagged("by", {
  passkey: variant({}),
  witnessed: variant(
    { witnesses: list(struct({ partner: PartnerId, device: Random128 })), means: oneOf("paper", "spoken") },
    (it) => requireSet(it.witnesses.map((item) => `${item.partner}/${item.device}`), 1, 4),
  ),
});
export const ConsentSigner = struct({ person: Random128, role: oneOf("self", "authority") });
export const ChainLink = struct({ person: Random128, seq: VERSION, prev: optional(Digest) }, chained("seq"));
interface OfPeople {
  readonly about: readonly string[];
  readonly signers: readonly Infer<typeof ConsentSigner>[];
  readonly chains: readonly Infer<typeof ChainLink>[];
}
function peopleOf(it: OfPeople): void {
  requireSet(it.about, 1, 16);
  requireSet(it.signers.map((item) => item.person), 1, 16);
  require(
    it.chains.length === it.about.length && it.chains.every((link, at) => link.person === it.about[at]),
    "one link a person",
  );
}
export const consent = payload(
  {
    household: Random128, request: Digest, purpose: Term, from: Party, to: Party, types: list(Scope),
    about: list(Random128), not_before: Time, not_after: Time, signers: list(ConsentSigner), evidence: Evidence,
    language: Language, text_digest: Digest, rulebook: Digest, code_version: Term, replaces: list(Digest),
    chains: list(ChainLink), heard: optional(struct({ language: Language, interpreter: optional(Term) })),
  },
  (it) => {
    typesSet(it);
    requireSet(it.replaces, 0, 64);
    peopleOf(it);
    require(it.not_before < it.not_after, "not_after");
  },
);
export const revocation = payload(
  {
    household: Random128, from: Party, to: Party, revokes: list(Digest), reason_code: Term, about: list(Random128),
    signers: list(ConsentSigner), evidence: Evidence, at: Time, chains: list(ChainLink),
  },
  (it) => {
    requireSet(it.revokes, 1, 64);
    peopleOf(it);
  },
);
export const status = payload(
  { person: Random128, from: Party, to: Party, head_seq: Count, head: optional(Digest), as_of: Time },
  (it) => require((it.head_seq === 0) === (it.head === undefined), "head"),
);
