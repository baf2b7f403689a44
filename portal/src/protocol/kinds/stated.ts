// What is stated of a message or a person afterwards (docs/spec/receipts.md, docs/spec/contact.md).

import { Digest, Key32, Language, ProofText, Random128, SealedContact, Term, Time } from "../fields.ts";
import { chained, integer, list, oneOf, optional, require, requireSet, struct } from "../struct.ts";
import { Party, payload, Seen, Sender, VERSION } from "./parties.ts";

export const notice = payload(
  { person: Random128, manifest: Digest, entries: list(Digest), codes: list(Term), not_before: Time },
  (it) => requireSet(it.codes, 0, 16),
);
export const receipt = payload(
  { object: Digest, wraps: list(Digest), accepted_at: Time, notices: list(Digest), proof: ProofText },
  (it) => {
    requireSet(it.wraps, 0, 64);
    requireSet(it.notices, 0, 64);
  },
);
export const EVENTS = [
  "received", "opened", "handed-over", "refused", "unopenable", "told", "agreed", "done", "declined", "erased", "kept",
  "objected", "stuck", "reported",
] as const;
export const acknowledgement = payload(
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
export const contact = payload(
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
export const contactKey = payload({ key: Key32, at: Time });
