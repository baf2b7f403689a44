// A way in for this device's passkey: its entry of the keyring, and what stays on the device (docs/spec/keyring.md).
//
// Keys that do not count yet have no entry at the relay. Until they do it waits in this browser, wrapped as it will be,
// with whose it is sealed under the seed inside.

import { keyOf, passkeyName, underDevice, underPrf, wrapUnderDevice, wrapUnderPrf } from "../keys/client_seed.ts";
import { type Bytes, concat, fromUrl, fromUtf8, toUrl, utf8 } from "../protocol/bytes.ts";
import { ProtocolError, refuse } from "../protocol/errors.ts";
import type { KeyringEntry } from "./api.ts";
import type { MadePasskey } from "./passkey.ts";
import { Phone, type Whose } from "./phone.ts";
import { isUnknownKey } from "./problems.ts";
import { get, put, remove } from "./shelf.ts";

const half = (credential: string): string => `half/${passkeyName(credential)}`;
const waiting = (credential: string): string => `wait/${passkeyName(credential)}`;
const random = (): Bytes => crypto.getRandomValues(new Uint8Array(32));

// Keys that wait for their day; `from` in UTC seconds.
export class KeysWait extends ProtocolError {
  readonly from: number;

  constructor(from: number) {
    super("client-key.waits");
    this.name = "KeysWait";
    this.from = from;
  }
}

// Wraps the seed for a passkey. For one without PRF half of the key stays in this browser; refuses `passkey.unkept`
// where that keeps nothing.
export async function wayInFor(seed: Bytes, { passkey, prf }: MadePasskey): Promise<KeyringEntry> {
  const { credential } = passkey;
  if (prf !== null) return { kind: "prf", credential, wrap: toUrl(await wrapUnderPrf(seed, prf, credential)) };
  const [secret, share] = [random(), random()];
  if (!(await put(half(credential), secret))) refuse("passkey.unkept");
  const wrap = toUrl(await wrapUnderDevice(seed, secret, share, credential));
  return { kind: "device", credential, wrap, share: toUrl(share) };
}

// The seed that an entry wraps. `prf` is what the passkey gave. Refuses `seed.device` (this browser does not have its
// half), `seed.prf`, `seed.unopenable`.
export async function openWayIn(entry: KeyringEntry, credential: string, prf: Bytes | null): Promise<Bytes> {
  const wrap = fromUrl(entry.wrap);
  if (entry.kind === "prf") return underPrf(wrap, prf ?? refuse("seed.prf"), credential);
  const secret = await get(half(credential));
  if (!(secret instanceof Uint8Array) || entry.share === undefined) return refuse("seed.device");
  return underDevice(wrap, Uint8Array.from(secret), fromUrl(entry.share), credential);
}

// Keeps an entry at the relay, once the passkey counts.
export async function keepWayIn(phone: Phone, entry: KeyringEntry): Promise<void> {
  if (entry.credential === undefined) return refuse("keyring.name");
  await phone.relay.putWayIn(passkeyName(entry.credential), entry);
}

// Forgets what this browser has of a passkey.
export async function forgetWayIn(credential: string): Promise<void> {
  await remove(half(credential));
  await remove(waiting(credential));
}

interface Waiting {
  readonly entry: KeyringEntry;
  readonly sealed: Bytes;
}

interface Whence extends Whose {
  readonly from: number;
}

const waitKey = (seed: Bytes, use: "encrypt" | "decrypt"): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", keyOf(seed, "waiting"), "AES-GCM", false, [use]);

// Keeps an entry in this browser until `from` (UTC seconds), when its keys begin to count. Returns whether it is kept.
export async function letWait(seed: Bytes, entry: KeyringEntry, whose: Whose, from: number): Promise<boolean> {
  if (entry.credential === undefined) return refuse("keyring.name");
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const { huis, household, person } = whose;
  const plain = utf8(JSON.stringify({ huis, household, person, from }));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await waitKey(seed, "encrypt"), plain);
  const kept: Waiting = { entry, sealed: concat(iv, new Uint8Array(sealed)) };
  return put(waiting(entry.credential), kept);
}

// The phone of an entry that waits in this browser, whose day has come; null where none waits. Throws KeysWait before.
export async function endWait(credential: string, prf: Bytes | null, clock: () => number): Promise<Phone | null> {
  const kept = (await get(waiting(credential))) as Waiting | null | undefined;
  if (kept === null || kept === undefined) return null;
  const seed = await openWayIn(kept.entry, credential, prf);
  const { from, ...whose } = await unsealed(seed, kept.sealed);
  const phone = await Phone.open(whose, seed, credential, clock);
  try {
    await phone.family();
  } catch (error) {
    throw isUnknownKey(error) ? new KeysWait(from) : error;
  }
  await keepWayIn(phone, kept.entry);
  await remove(waiting(credential));
  return phone;
}

export const stopWaiting = (credential: string): Promise<void> => remove(waiting(credential));

async function unsealed(seed: Bytes, sealed: Bytes): Promise<Whence> {
  const parameters = { name: "AES-GCM", iv: sealed.slice(0, 12) };
  try {
    const plain = await crypto.subtle.decrypt(parameters, await waitKey(seed, "decrypt"), sealed.slice(12));
    return JSON.parse(fromUtf8(new Uint8Array(plain))) as Whence;
  } catch {
    return refuse("seed.unopenable");
  }
}
