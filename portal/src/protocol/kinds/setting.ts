// The kinds of the setting: roots, memberships, directories, devices (docs/spec/setting.md).

import { Digest, Host, Key32, Name, PartnerId, Random128, SealKey, Sig64, Term, Time, Url } from "../fields.ts";
import { ascending, boolean, chained, integer, list, oneOf, optional, require, requireSet, struct } from "../struct.ts";
import { payload, Seen, VERSION } from "./parties.ts";

export const genesis = struct({ roots: list(Key32), threshold: integer(1, 16) });
export const root = payload(
  { version: integer(1, 10_000), roots: list(Key32), threshold: integer(1, 16), prev: optional(Digest) },
  (it) => {
    requireSet(it.roots, 1, 16);
    require(it.threshold <= it.roots.length, "threshold");
    chained("version")(it);
  },
);
export const membership = payload(
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
export const directory = payload(
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
export const epoch = payload({
  number: integer(1, 10_000), last: Seen, reason: oneOf("restored-backup", "key-replaced"), at: Time,
});
export const FUNCTIONS = [
  "social-worker", "nurse", "doctor", "psychologist", "midwife", "teacher", "care-coordinator", "counsellor",
  "team-lead", "administration", "volunteer", "educator", "legal", "safety-desk", "service",
] as const;
const Device = struct(
  {
    device: Random128, worker: optional(Random128), service: boolean, function: oneOf(...FUNCTIONS),
    alg: oneOf("ed25519"), sign_key: Key32, inbox: boolean, not_before: Time, not_after: Time, proof: Sig64,
  },
  (it) => require(it.service === (it.worker === undefined), "a worker's or a service's"),
);
export const devices = payload(
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
export const Suite = struct({ kem: oneOf(0x647a), kdf: oneOf(1), aead: oneOf(2) });
export const prekeys = payload(
  {
    partner: PartnerId, device: Random128, version: VERSION, suite: Suite,
    keys: list(struct({ seal_key: SealKey, not_before: Time, not_after: Time })),
  },
  (it) => {
    require(it.keys.length >= 1 && it.keys.length <= 24, "1 to 24");
    require(ascending(it.keys.map((key) => key.not_before)), "in order");
    require(it.keys.every((key) => key.not_before < key.not_after), "an end after the start");
  },
);
export const declaration = payload(
  {
    partner: PartnerId, worker: optional(Random128), what: oneOf("code", "pledge", "secrecy"), code_version: Term,
    code_digest: Digest, manifest: optional(Digest),
  },
  (it) => require((it.what === "secrecy") === (it.manifest !== undefined), "manifest"),
);
