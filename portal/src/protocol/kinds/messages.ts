// The kinds of a message: its entries, its manifest, its boxes (docs/spec/message.md).

import { Binary, Date as Day, Digest, Media, PartnerId, Random128, Size, Term, Time, Uuid7 } from "../fields.ts";
import {
  ascending, boolean, integer, list, oneOf, optional, require, requireSet, struct, tagged, unless, variant,
} from "../struct.ts";
import { Party, partyKey, payload, Seen, Sender } from "./parties.ts";

export const entry = payload(
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
export const Basis = tagged("is", {
  consent: variant({ consents: list(Digest) }, (it) => requireSet(it.consents, 1, 64)),
  "client-unable": variant({ code: Term }),
  necessity: variant({ code: Term, off_call: unless(false, boolean) }),
  "legal-duty": variant({ citation: Term }),
});
const How = oneOf("by-client", "with-client", "in-consultation");
export const Carried = struct({ how: How, on: optional(Day) }, (it) => {
  require((it.how === "in-consultation") === (it.on !== undefined), "on");
  if (it.on !== undefined) require(isDay(it.on), "no such day");
});
export const PlanStep = struct({ n: integer(1, 16), by: Party, with: list(Party), due: Time }, (it) => {
  requireSet(it.with.map(partyKey), 0, 8);
  require(!it.with.some((one) => partyKey(one) === partyKey(it.by)), "with oneself");
});
export const FollowUp = struct(
  {
    code: oneOf("first-contact", "report-client", "report-back", "none-ask"), due: optional(Time),
    by: unless("recipient", oneOf("recipient", "sender")),
  },
  (it) => require((it.code === "none-ask") === (it.due === undefined), "due"),
);
export const manifest = payload(
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
export const wraps = payload({ manifest: Digest, reader: Party, sealer: Sender, wraps: list(Wrap) }, (it) => {
  require(it.wraps.length >= 1 && it.wraps.length <= 32, "1 to 32");
  require(new Set(it.wraps.map((wrap) => wrap.key)).size === it.wraps.length, "one wrap a key");
});


const LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isDay(written: string): boolean {
  const [year = 0, month = 0, day = 0] = written.split("-").map(Number);
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const length = month === 2 && leap ? 29 : (LENGTHS[month - 1] ?? 0);
  return year >= 1 && day <= length;
}
