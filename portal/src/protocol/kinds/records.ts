// The kinds of records: what rules look at beside a message (docs/spec/records.md).

import { Date as Day, Digest, Name, PartnerId, Phone, Random128, Term, Time, Uuid7 } from "../fields.ts";
import {
  ascending, boolean, chained, type Infer, integer, list, oneOf, optional, require, requireSet, struct,
} from "../struct.ts";
import { Party, partyKey, payload, Sender, VERSION } from "./parties.ts";

const Closed = struct(
  {
    way: oneOf("receive", "send"), purpose: optional(Term), kind: optional(Term), type: optional(Term),
    sector: optional(Term),
  },
  (it) => require([it.purpose, it.kind, it.type, it.sector].some((one) => one !== undefined), "states nothing"),
);
type Closed = Infer<typeof Closed>;
const closedKey = (it: Closed): string =>
  [it.way, it.purpose, it.kind, it.type, it.sector].map((one) => one ?? "").join("\u0001");
const Shift = struct({ opens: Time, closes: Time, devices: list(Random128) }, (it) => {
  require(it.opens < it.closes, "ends after it begins");
  const each = new Set(it.devices).size === it.devices.length;
  require(it.devices.length >= 1 && it.devices.length <= 8 && each, "1 to 8, each once");
});
export const partnerRules = payload(
  { partner: PartnerId, version: VERSION, closed: list(Closed), at: Time, prev: optional(Digest) },
  (it) => {
    requireSet(it.closed.map(closedKey), 0, 500);
    chained("version")(it);
  },
);
export const countersignature = payload(
  {
    partner: PartnerId, manifest: Digest, what: oneOf("second", "delay"), agrees: boolean, until: optional(Time),
    codes: list(Term), at: Time,
  },
  (it) => {
    requireSet(it.codes, 0, 16);
    require((it.until !== undefined) === (it.what === "delay" && it.agrees), "until");
  },
);
export const conference = payload(
  {
    id: Uuid7, household: Random128, chair: PartnerId, version: VERSION, about: list(Random128),
    invitees: list(Party), with_client: boolean, discussed: optional(Day), planned: optional(Time), ended: boolean,
    at: Time, prev: optional(Digest),
  },
  (it) => {
    requireSet(it.about, 1, 16);
    requireSet(it.invitees.map(partyKey), 2, 32);
    require(it.invitees.some((one) => one.partner === it.chair), "the chair sits at the table");
    chained("version")(it);
  },
);
export const objection = payload(
  {
    household: Random128, person: Random128, about: list(Random128), from: optional(Party), to: optional(Party),
    by: Sender, withdraws: optional(Digest), at: Time,
  },
  (it) => {
    requireSet(it.about, 1, 16);
    require(it.by.person === undefined || it.by.person === it.person, "for oneself");
  },
);
export const rota = payload(
  {
    partner: PartnerId, version: VERSION, shifts: list(Shift), phone: Phone, otherwise: Name, at: Time,
    prev: optional(Digest),
  },
  (it) => {
    require(ascending(it.shifts.map((one) => one.opens)) && it.shifts.length <= 500, "in order");
    chained("version")(it);
  },
);
export const procedure = payload(
  {
    partner: PartnerId, version: VERSION, title: Name, digest: Digest,
    trained: list(struct({ worker: Random128, on: Day })), at: Time, prev: optional(Digest),
  },
  (it) => {
    requireSet(it.trained.map((one) => one.worker), 0, 500);
    chained("version")(it);
  },
);
export const assignment = payload({ partner: PartnerId, manifest: Digest, worker: Random128, at: Time });
export const absence = payload(
  { partner: PartnerId, worker: Random128, substitute: Random128, begins: Time, ends: Time, at: Time },
  (it) => require(it.begins < it.ends && it.substitute !== it.worker, "somebody else, for a while"),
);
export const finding = payload(
  { manifest: Digest, n: integer(0, 63), found: oneOf("over-broad", "unfounded"), codes: list(Term), at: Time },
  (it) => requireSet(it.codes, 0, 16),
);
export const stopCard = payload(
  {
    partner: PartnerId, name: Digest, notice: Digest, household: Random128, person: Random128,
    about: list(Random128), from: Party, to: Party, consents: list(Digest), until: Time, at: Time,
  },
  (it) => {
    requireSet(it.about, 1, 16);
    requireSet(it.consents, 1, 16);
    require(it.until > it.at, "ends after it is made");
  },
);
