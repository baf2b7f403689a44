// The fields of a rulebook (docs/spec/rulebook-fields.md).

import { AnyText, Count, Date as Day, Digest, Language, Media, Name, Phone, Term, Time } from "./fields.ts";
import { payload } from "./kinds/parties.ts";
import { boolean, type Infer, integer, list, oneOf, optional, requireSet, struct, unless } from "./struct.ts";

const Days = integer(0, 36_500);
const Article = integer(0, 10);
const Few = integer(1, 4);
const Level = oneOf("O", "S", "H");
const ids = (rules: readonly { readonly id: string }[]): string[] => rules.map((rule) => rule.id);

const Allowance = struct({ type: Term, forms: list(Term), signed: boolean, condition: optional(Term) });
const PurposeRule = struct({
  id: Term, article: Article, kinds: list(Term), days: Days, days_highly: optional(Days), any_category: boolean,
  dpv: optional(AnyText),
});
const KindRule = struct({
  id: Term, article: Article, client: boolean,
  bases: list(oneOf("consent", "client-unable", "necessity", "legal-duty")), carried: boolean, follow_up: boolean,
  thread: oneOf("none", "optional", "required"), parts: list(Term), senders: list(oneOf("partner", "person")),
  recipients: unless(["partner"], list(oneOf("partner", "person"))), answers: unless([], list(Term)),
  urgent: unless(false, boolean), conference: unless(false, boolean), free_of_code: unless(false, boolean),
});
const BasisRule = struct({
  id: oneOf("client-unable", "necessity", "legal-duty"), article: Article, parts: list(Term),
  secrecies: list(oneOf("penal", "office", "pledge")), second_signature: boolean,
});
const CodeRules = struct({ grace_days: Days, reminder_days: integer(1, 365) });
const PhoneRule = struct({ id: Term, name: Name, number: Phone, hours: Name });
const CategoryRule = struct({
  id: Term, level: Level, gdpr: list(integer(1, 99)), others: boolean, limit: Count, forms: list(Term),
  files: list(Media), file_bytes: Count, file_count: Count,
});
const PartRule = struct({
  id: Term, article: Article, limit: Count, readers: list(oneOf("client", "participants", "recipient", "steward")),
});
const RelevanceRule = struct({ purpose: Term, sector: Term, types: list(Allowance) }, (it) =>
  requireSet(it.types.map((item) => item.type)));

const fields = {
  version: integer(1, 2 ** 31), name: Name, issued: Time, languages: list(Language), code_version: Term,
  code_digest: Digest, purposes: list(PurposeRule), kinds: list(KindRule),
  sectors: list(struct({ id: Term, secrecy: oneOf("penal", "office", "pledge") })),
  forms: list(struct({ id: Term, limit: optional(Count) })), categories: list(CategoryRule), parts: list(PartRule),
  relevance: list(RelevanceRule), report_back: list(Allowance), withheld_reasons: list(Term),
  revocation_reasons: list(Term), unable_codes: list(Term), necessity_codes: list(Term), legal_citations: list(Term),
  consent: struct({
    pledge_days: Days, witnessed_days: Days, witnessed_renewals: Count, witnessed_levels: list(Level), witnesses: Few,
    status_seconds: Count, interpreters: unless([], list(Term)),
  }),
  persons: struct({
    at_12_days: Days, conflict_levels: list(Level), rebuttal_days: Days, rebuttal_workers: Few,
  }),
  follow_up: struct({
    first_contact_days: Days, report_client_days: Days, overdue_days: Days, request_days: Days, erasure_days: Days,
  }),
  safety: struct({
    second_device_minutes: Count, phone_minutes: Count, team_lead_minutes: Count, steward_minutes: Count,
    second_signature_hours: Count, delay_hours: Count, delay_reviewed_days: Days, delay_absolute_days: Days,
    other_categories: Count, core: unless([], list(Term)), delay_codes: unless([], list(Term)),
    host_types: unless([], list(Allowance)),
  }),
  retention: struct({
    ciphertext_days: Days, ciphertext_unopened_days: Days, client_copy_days: Days, record_days: Days,
    record_minor_until_age: Count, refusal_days: Days, refusal_least_count: Count, advice_days: Days,
    feedback_days: Days,
  }),
  holidays: list(Day), bases: unless([], list(BasisRule)), code: optional(CodeRules), code_from: optional(Time),
  phones: unless([], list(PhoneRule)), kept_reasons: unless([], list(Term)),
};

export const rulebook = payload(fields, (it) => {
  requireSet(it.languages, 1);
  for (const rules of [it.purposes, it.kinds, it.sectors, it.forms, it.categories, it.parts]) requireSet(ids(rules));
  requireSet(it.relevance.map((row) => `${row.purpose}\u0001${row.sector}`));
  requireSet(it.report_back.map((item) => item.type));
  requireSet(it.holidays);
  requireSet(ids(it.bases ?? []));
  requireSet(ids(it.phones ?? []));
});

export type Rulebook = Infer<typeof rulebook>;
export type KindRule = Infer<typeof KindRule>;

// The rule of a kind of message, if the rulebook has one.
export const kindRule = (rules: Rulebook, kind: string): KindRule | undefined =>
  rules.kinds.find((rule) => rule.id === kind);
