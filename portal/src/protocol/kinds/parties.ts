// What many kinds share: the header, versions, parties, scopes, what was seen of the log (docs/spec/encoding.md).

import { Count, Digest, Nonce, PartnerId, Random128, Term } from "../fields.ts";
import { type Fields, type Infer, integer, oneOf, optional, require, type Shape, struct } from "../struct.ts";

export const VERSION = integer(1, 2 ** 31);
// What every object of the wire begins with.
const header = { v: oneOf(1), huis: Digest, nonce: Nonce };
export const payload = <F extends Fields>(fields: F, rule?: (it: Shape<typeof header & F>) => void) =>
  struct<typeof header & F>({ ...header, ...fields }, rule);

export const Party = struct({ partner: optional(PartnerId), person: optional(Random128) }, (it) =>
  require((it.partner === undefined) !== (it.person === undefined), "one of the two"));
export const Sender = struct(
  { partner: optional(PartnerId), device: optional(Random128), person: optional(Random128) },
  (it) => {
    const byPartner = it.partner !== undefined && it.device !== undefined && it.person === undefined;
    const byPerson = it.partner === undefined && it.device === undefined && it.person !== undefined;
    require(byPartner || byPerson, "a partner with its device, or a person");
  },
);
export type Party = Infer<typeof Party>;
export type Sender = Infer<typeof Sender>;
export const partyKey = (party: Party): string =>
  party.partner !== undefined ? `partner:${party.partner}` : `person:${party.person}`;
export const sameParty = (left: Party, right: Party): boolean => partyKey(left) === partyKey(right);
// The sender without the device.
export const senderParty = ({ partner, person }: Sender): Party => (partner !== undefined ? { partner } : { person });
export const Scope = struct({ type: Term, form: Term });
export type Scope = Infer<typeof Scope>;
export const scopeKey = (scope: Scope): string => `${scope.type}\u0001${scope.form}`;
export const Seen = struct({ size: Count, root: Digest });
