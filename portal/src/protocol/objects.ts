// Every kind of object: its fields in the order of the wire, and the rules between them (docs/spec/).

import {
  Binary, Count, Date as Day, Digest, Host, Key32, Language, Media, Month, Name, Nonce, PartnerId, ProofText, Random128,
  SealKey, SealedContact, Sig64, Size, Term, Time, Url, Uuid7,
} from "./fields.ts";
import { rulebookFields, rulebookRule } from "./rulebook.ts";
import { recordKinds } from "./records.ts";
import {
  boolean, chained, integer, list, oneOf, optional, require, requireSet, struct, tagged, unless,
} from "./struct.ts";

const VERSION = integer(1, 2 ** 31);
const header = { v: oneOf(1), huis: Digest, nonce: Nonce };
const payload = (fields, rule) => struct({ ...header, ...fields }, rule);

// Parties
export const Party = struct({ partner: optional(PartnerId), person: optional(Random128) }, (it) =>
  require((it.partner === undefined) !== (it.person === undefined), "one of the two"));
const Sender = struct(
  { partner: optional(PartnerId), device: optional(Random128), person: optional(Random128) },
  (it) => {
    const byPartner = it.partner !== undefined && it.device !== undefined && it.person === undefined;
    const byPerson = it.partner === undefined && it.device === undefined && it.person !== undefined;
    require(byPartner || byPerson, "a partner with its device, or a person");
  },
);
export const partyKey = (party) =>
  party.partner !== undefined ? `partner:${party.partner}` : `person:${party.person}`;
export const Scope = struct({ type: Term, form: Term });
const scopeKey = (scope) => `${scope.type}\u0001${scope.form}`;
const Seen = struct({ size: Count, root: Digest });

// The setting
export const genesis = struct({ roots: list(Key32), threshold: integer(1, 16) });
const root = payload(
  { version: integer(1, 10_000), roots: list(Key32), threshold: integer(1, 16), prev: optional(Digest) },
  (it) => {
    requireSet(it.roots, 1, 16);
    require(it.threshold <= it.roots.length, "threshold");
    chained("version")(it);
  },
);
const membership = payload(
  {
    partner: PartnerId, version: integer(1, 100_000), name: Name, actor: oneOf("professional", "non-professional"),
    secrecy: oneOf("penal", "office", "pledge"), sector: Term, root_key: Key32, not_before: Time, not_after: Time,
    prev: optional(Digest), host: optional(PartnerId),
  },
  (it) => {
    chained("version")(it);
    require(it.host !== it.partner, "host");
  },
);
const directory = payload(
  {
    version: VERSION, issued: Time, expires: Time, memberships: list(Digest),
    devices: list(struct({ partner: PartnerId, devices: Digest })), rulebook: Digest, relay_key: Key32, log_key: Key32,
    rp_id: Host, origins: list(Url), bundles: list(Digest), freshness_key: optional(Key32),
    refresh_until: optional(Time), base: optional(Digest),
  },
  (it) => {
    requireSet(it.memberships, 0, 5000);
    requireSet(it.devices.map((item) => item.partner), 0, 5000);
    requireSet(it.origins, 0, 16);
    requireSet(it.bundles, 0, 64);
    require(it.issued < it.expires && it.expires <= it.issued + 14 * 86_400, "14 days");
    require((it.freshness_key === undefined) === (it.refresh_until === undefined), "both or none");
  },
);
const epoch = payload({
  number: integer(1, 10_000), last: Seen, reason: oneOf("restored-backup", "key-replaced"), at: Time,
});
const FUNCTIONS = [
  "social-worker", "nurse", "doctor", "psychologist", "midwife", "teacher", "care-coordinator", "counsellor",
  "team-lead", "administration", "volunteer", "educator", "legal", "safety-desk", "service",
];
const Device = struct(
  {
    device: Random128, worker: optional(Random128), service: boolean, function: oneOf(...FUNCTIONS),
    alg: oneOf("ed25519"), sign_key: Key32, inbox: boolean, not_before: Time, not_after: Time, proof: Sig64,
  },
  (it) => require(it.service === (it.worker === undefined), "a worker's or a service's"),
);
const devices = payload(
  {
    partner: PartnerId, version: VERSION, issued: Time, expires: Time, devices: list(Device), prev: optional(Digest),
    rules: optional(Digest),
  },
  (it) => {
    requireSet(it.devices.map((item) => item.device), 0, 500);
    require(it.devices.filter((item) => item.inbox).length <= 16, "16 inboxes");
    require(new Set(it.devices.map((item) => item.sign_key)).size === it.devices.length, "one key a device");
    chained("version")(it);
  },
);
export const possession = struct({
  huis: Digest, partner: PartnerId, device: Random128, worker: optional(Random128), sign_key: Key32,
});
const Suite = struct({ kem: oneOf(0x647a), kdf: oneOf(1), aead: oneOf(2) });
const prekeys = payload(
  {
    partner: PartnerId, device: Random128, version: VERSION, suite: Suite,
    keys: list(struct({ seal_key: SealKey, not_before: Time, not_after: Time })),
  },
  (it) => {
    require(it.keys.length >= 1 && it.keys.length <= 24, "1 to 24");
    require(it.keys.every((key, at) => at === 0 || it.keys[at - 1].not_before < key.not_before), "in order");
    require(it.keys.every((key) => key.not_before < key.not_after), "an end after the start");
  },
);
const declaration = payload(
  {
    partner: PartnerId, worker: optional(Random128), what: oneOf("code", "pledge", "secrecy"), code_version: Term,
    code_digest: Digest, manifest: optional(Digest),
  },
  (it) => require((it.what === "secrecy") === (it.manifest !== undefined), "manifest"),
);

// Persons
const person = payload(
  {
    household: Random128, person: Random128, partner: PartnerId, version: VERSION, turns12: optional(Month),
    turns18: optional(Month), authority: list(Random128), conflict: boolean,
    capability: optional(struct({ capable: boolean, until: Time })), silenced: list(Random128),
    attesting: list(Digest), prev: optional(Digest), trusted: unless([], list(Random128)),
  },
  (it) => {
    requireSet(it.authority, 0, 8);
    requireSet(it.silenced, 0, 8);
    requireSet(it.attesting, 0, 16);
    const trusted = it.trusted ?? [];
    requireSet(trusted, 0, 4);
    require(!trusted.some((one) => one === it.person || it.silenced.includes(one)), "trusted");
    require(it.turns12 === undefined || it.turns18 !== undefined, "turns18");
    require(!it.authority.includes(it.person), "authority over oneself");
    require(it.silenced.every((holder) => it.authority.includes(holder)), "silenced");
    chained("version")(it);
  },
);
const Means = oneOf("id-card", "known", "in-person", "paper");
export const Passkey = struct({ credential: Binary, alg: oneOf("es256", "eddsa"), public_key: Binary });
const clientKey = payload(
  {
    household: Random128, person: Random128, partner: PartnerId, version: VERSION, passkeys: list(Passkey),
    identity_key: Key32, suite: Suite, seal_key: SealKey, means: Means,
    enrolment: struct({ opened: Time, tag: Digest }), effective_at: optional(Time), prev: optional(Digest),
  },
  (it) => {
    requireSet(it.passkeys.map((key) => key.credential), 0, 16);
    chained("version")(it);
  },
);
const vouch = payload({ partner: PartnerId, client_key: Digest, means: Means });

// Consent
const typesSet = (it) => requireSet(it.types.map(scopeKey), 1, 64);
const Flow = struct({ purpose: Term, from: Party, to: Party, types: list(Scope), until: Time }, typesSet);
const consentRequest = payload(
  {
    household: Random128, partner: PartnerId, persons: list(Random128), flows: list(Flow), language: Language,
    template: Term, rulebook: Digest, created: Time,
  },
  (it) => {
    requireSet(it.persons, 1, 16);
    require(it.flows.length >= 1 && it.flows.length <= 16, "1 to 16");
  },
);
const Evidence = tagged("by", {
  passkey: { fields: {} },
  witnessed: {
    fields: { witnesses: list(struct({ partner: PartnerId, device: Random128 })), means: oneOf("paper", "spoken") },
    rule: (it) => requireSet(it.witnesses.map((item) => `${item.partner}/${item.device}`), 1, 4),
  },
});
const ConsentSigner = struct({ person: Random128, role: oneOf("self", "authority") });
const ChainLink = struct({ person: Random128, seq: VERSION, prev: optional(Digest) }, chained("seq"));
function peopleOf(it) {
  requireSet(it.about, 1, 16);
  requireSet(it.signers.map((item) => item.person), 1, 16);
  require(
    it.chains.length === it.about.length && it.chains.every((link, at) => link.person === it.about[at]),
    "one link a person",
  );
}
const consent = payload(
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
const revocation = payload(
  {
    household: Random128, from: Party, to: Party, revokes: list(Digest), reason_code: Term, about: list(Random128),
    signers: list(ConsentSigner), evidence: Evidence, at: Time, chains: list(ChainLink),
  },
  (it) => {
    requireSet(it.revokes, 1, 64);
    peopleOf(it);
  },
);
const status = payload(
  { person: Random128, from: Party, to: Party, head_seq: Count, head: optional(Digest), as_of: Time },
  (it) => require((it.head_seq === 0) === (it.head === undefined), "head"),
);

// Messages
const entry = payload(
  {
    n: integer(0, 63), type: Term, form: Term, about: list(Random128), media: Media, padded: Size, ct: Digest,
    kc: Digest, readers: list(Party), withheld: list(struct({ person: Random128, reason: Term })),
  },
  (it) => {
    requireSet(it.about, 0, 16);
    requireSet(it.readers.map(partyKey), 1, 32);
    requireSet(it.withheld.map((item) => item.person), 0, 16);
    require(!it.withheld.some((item) => it.readers.some((one) => one.person === item.person)), "reads and withheld");
  },
);
const Basis = tagged("is", {
  consent: { fields: { consents: list(Digest) }, rule: (it) => requireSet(it.consents, 1, 64) },
  "client-unable": { fields: { code: Term } },
  necessity: { fields: { code: Term, off_call: unless(false, boolean) } },
  "legal-duty": { fields: { citation: Term } },
});
const Carried = struct({ how: oneOf("by-client", "with-client", "in-consultation"), on: optional(Day) }, (it) => {
  require((it.how === "in-consultation") === (it.on !== undefined), "on");
  if (it.on !== undefined) require(isDay(it.on), "no such day");
});
const PlanStep = struct({ n: integer(1, 16), by: Party, with: list(Party), due: Time }, (it) => {
  requireSet(it.with.map(partyKey), 0, 8);
  require(!it.with.some((one) => partyKey(one) === partyKey(it.by)), "with oneself");
});
const FollowUp = struct(
  {
    code: oneOf("first-contact", "report-client", "report-back", "none-ask"), due: optional(Time),
    by: unless("recipient", oneOf("recipient", "sender")),
  },
  (it) => require((it.code === "none-ask") === (it.due === undefined), "due"),
);
const manifest = payload(
  {
    id: Uuid7, kind: Term, from: Sender, devices: optional(Digest), directory: Digest, to: Party,
    household: optional(Random128), purpose: Term, basis: optional(Basis), carried: optional(Carried),
    thread: optional(Uuid7), entries: list(Digest), follow_up: list(FollowUp), notice_by: optional(PartnerId),
    seen: Seen, created: Time, answers: optional(Digest), steps: unless([], list(PlanStep)),
    delay: optional(struct({ until: Time, code: Term })),
  },
  (it) => {
    require((it.steps ?? []).every((step, at) => step.n === at + 1), "numbered from 1");
    require(it.entries.length >= 1 && it.entries.length <= 64, "1 to 64");
    require(new Set(it.entries).size === it.entries.length, "each once");
    requireSet(it.follow_up.map((item) => item.code), 0, 4);
    require((it.devices === undefined) === (it.from.partner === undefined), "devices");
  },
);
const Wrap = struct({ source: Digest, key: Digest, entries: list(integer(0, 63)), box: Binary }, (it) =>
  require(it.entries.length > 0 && ascending(it.entries), "in order, each once"));
const wraps = payload({ manifest: Digest, reader: Party, sealer: Sender, wraps: list(Wrap) }, (it) => {
  require(it.wraps.length >= 1 && it.wraps.length <= 32, "1 to 32");
  require(new Set(it.wraps.map((wrap) => wrap.key)).size === it.wraps.length, "one wrap a key");
});

// What is stated afterwards
const notice = payload(
  { person: Random128, manifest: Digest, entries: list(Digest), codes: list(Term), not_before: Time },
  (it) => requireSet(it.codes, 0, 16),
);
const receipt = payload(
  { object: Digest, wraps: list(Digest), accepted_at: Time, notices: list(Digest), proof: ProofText },
  (it) => {
    requireSet(it.wraps, 0, 64);
    requireSet(it.notices, 0, 64);
  },
);
const EVENTS = [
  "received", "opened", "handed-over", "refused", "unopenable", "told", "agreed", "done", "declined", "erased", "kept",
  "objected", "stuck", "reported",
];
const acknowledgement = payload(
  {
    manifest: Digest, wraps: optional(Digest), receipt: Digest, notice: optional(Digest), reader: Party, by: Sender,
    event: oneOf(...EVENTS), codes: list(Term), seen: Seen, at: Time, of: optional(Digest),
  },
  (it) => {
    requireSet(it.codes, 0, 16);
    const told = it.event === "told" && it.reader.person !== undefined;
    require(it.notice === undefined || told, "a notice belongs to a person who was told");
  },
);
const Hours = struct({ opens: integer(0, 23), closes: integer(1, 24) }, (it) => require(it.opens < it.closes, "hours"));
const contact = payload(
  {
    person: Random128, version: VERSION, by: Sender, wording: oneOf("plain", "short", "none"), language: Language,
    hours: Hours, key: optional(Key32), sealed: optional(SealedContact), at: Time, prev: optional(Digest),
  },
  (it) => {
    const none = it.wording === "none";
    require(none === (it.key === undefined) && none === (it.sealed === undefined), "an address, or none");
    require(it.by.person === undefined || it.by.person === it.person, "for oneself");
    chained("version")(it);
  },
);
const contactKey = payload({ key: Key32, at: Time });
const rulebook = payload(rulebookFields, rulebookRule);

export const KINDS = {
  root, membership, directory, rulebook, epoch, devices, prekeys, declaration, person, "client-key": clientKey, vouch,
  "consent-request": consentRequest, consent, revocation, status, entry, manifest, wraps, notice, receipt,
  acknowledgement, contact, "contact-key": contactKey, ...recordKinds(payload, Party, Sender, partyKey),
};

export const ascending = (numbers) => numbers.every((number, at) => at === 0 || numbers[at - 1] < number);

function isDay(written) {
  const [year, month, day] = written.split("-").map(Number);
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return year >= 1 && day <= [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
}
