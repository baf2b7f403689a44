// The kinds of persons and their keys (docs/spec/persons.md).

import { Binary, Digest, Key32, Month, PartnerId, Random128, SealKey, Time } from "../fields.ts";
import { boolean, chained, list, oneOf, optional, require, requireSet, struct, unless } from "../struct.ts";
import { payload, VERSION } from "./parties.ts";
import { Suite } from "./setting.ts";

export const person = payload(
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
export const clientKey = payload(
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
export const vouch = payload({ partner: PartnerId, client_key: Digest, means: Means });
