// Passkeys by the browser: made for this page, touched to come in, touched to sign. Source: Web Authentication Level 3.
//
// Challenges are computed here and in `assertion.ts`, never taken from a relay (attack 1). No name and no id of a
// person reaches the authenticator: what it shows in its list is the site.

import { type Assertion, checkAssertion, loginChallenge } from "../keys/assertion.ts";
import { type Bytes, concat, equal, fromUrl, toUrl, utf8 } from "../protocol/bytes.ts";
import { refuse } from "../protocol/errors.ts";
import type { Payload } from "../protocol/objects.ts";

export type Passkey = Payload<"client-key">["passkeys"][number];

// A passkey that was made; `prf` is its PRF result of 32 bytes, or null where it has none.
export interface MadePasskey {
  readonly passkey: Passkey;
  readonly prf: Bytes | null;
}

const EDDSA = -8;
const ES256 = -7;
const PRF_SALT = utf8("zegel/client-seed/1\0");
// A login's nonce lives for two minutes.
const TOUCH_MS = 110_000;
const MAKE_MS = 300_000;
const withPrf = (): AuthenticationExtensionsClientInputs => ({ prf: { eval: { first: PRF_SALT } } });
const random = (): Bytes => crypto.getRandomValues(new Uint8Array(32));
const bytesOf = (data: ArrayBuffer): Bytes => new Uint8Array(data);

// Makes a passkey of this device for the site `rpId`; `exclude` are credentials that it must not have already. Refuses
// `passkey.algorithm`; throws the browser's DOMException.
export async function makePasskey(rpId: string, exclude: readonly string[] = []): Promise<MadePasskey> {
  const label = location.hostname;
  const made = await navigator.credentials.create({
    publicKey: {
      rp: { id: rpId, name: label },
      user: { id: random(), name: label, displayName: label },
      challenge: random(),
      pubKeyCredParams: [EDDSA, ES256].map((alg) => ({ type: "public-key", alg })),
      excludeCredentials: exclude.map((id) => ({ type: "public-key", id: fromUrl(id) })),
      authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
      attestation: "none",
      timeout: MAKE_MS,
      extensions: withPrf(),
    },
  });
  const held = credentialOf(made);
  if (!(held.response instanceof AuthenticatorAttestationResponse)) return refuse("passkey.algorithm");
  const passkey: Passkey = { credential: toUrl(bytesOf(held.rawId)), ...publicKeyOf(held.response) };
  const results = held.getClientExtensionResults().prf;
  // Many give the result only to a touch that follows; one that says that it has no PRF is not asked for another.
  const asked = results?.results === undefined && results?.enabled === true;
  return { passkey, prf: asked ? await askPrf(rpId, passkey) : prfOf(held) };
}

async function askPrf(rpId: string, { credential }: Passkey): Promise<Bytes | null> {
  return prfOf(await touched(rpId, random(), [credential], withPrf()));
}

// Touched to come in with whichever passkey the person chooses. `nonce` (32 bytes) is the relay's.
export async function touchToLogIn(rpId: string, nonce: Bytes): Promise<{ assertion: Assertion; prf: Bytes | null }> {
  const held = await touched(rpId, loginChallenge(rpId, nonce), [], withPrf());
  return { assertion: assertionOf(held, []), prf: prfOf(held) };
}

// Which of these passkeys this device has, with what its PRF gives; touched once.
export async function touchHeld(rpId: string, passkeys: readonly Passkey[]): Promise<MadePasskey> {
  const held = await touched(rpId, random(), passkeys.map((passkey) => passkey.credential), withPrf());
  const credential = toUrl(bytesOf(held.rawId));
  const passkey = passkeys.find((one) => one.credential === credential) ?? refuse("signature.unknown");
  return { passkey, prf: prfOf(held) };
}

export interface Site {
  readonly rpId: string;
  readonly origins: readonly string[];
}

// Touched to sign a challenge (`D`, or a batch), with one of the passkeys that count; checked as whoever reads it will.
export async function assertOver(
  challenge: Bytes, batch: readonly string[], passkeys: readonly Passkey[], site: Site,
): Promise<Assertion> {
  const held = await touched(site.rpId, challenge, passkeys.map((passkey) => passkey.credential), {});
  const assertion = assertionOf(held, batch);
  const used = passkeys.find((passkey) => passkey.credential === assertion.credential);
  if (used === undefined) return refuse("signature.unknown");
  const key = { alg: used.alg, publicKey: fromUrl(used.public_key), rpId: site.rpId, origins: [...site.origins] };
  await checkAssertion(assertion, challenge, key);
  return assertion;
}

async function touched(
  rpId: string, challenge: Bytes, allow: readonly string[], extensions: AuthenticationExtensionsClientInputs,
): Promise<PublicKeyCredential> {
  const found = await navigator.credentials.get({
    publicKey: {
      rpId, challenge, userVerification: "required", timeout: TOUCH_MS, extensions,
      allowCredentials: allow.map((id) => ({ type: "public-key", id: fromUrl(id) })),
    },
  });
  return credentialOf(found);
}

function credentialOf(found: Credential | null): PublicKeyCredential {
  if (!(found instanceof PublicKeyCredential)) throw new DOMException("no passkey", "NotAllowedError");
  return found;
}

function assertionOf({ rawId, response }: PublicKeyCredential, batch: readonly string[]): Assertion {
  if (!(response instanceof AuthenticatorAssertionResponse)) throw new DOMException("no passkey", "NotAllowedError");
  return {
    is: "passkey", credential: toUrl(bytesOf(rawId)), authenticatorData: toUrl(bytesOf(response.authenticatorData)),
    clientDataJSON: toUrl(bytesOf(response.clientDataJSON)), signature: toUrl(bytesOf(response.signature)),
    batch: [...batch],
  };
}

function prfOf(held: PublicKeyCredential): Bytes | null {
  const first = held.getClientExtensionResults().prf?.results?.first;
  if (first === undefined) return null;
  const result = ArrayBuffer.isView(first)
    ? Uint8Array.from(new Uint8Array(first.buffer, first.byteOffset, first.byteLength))
    : bytesOf(first);
  return result.length === 32 ? result : null;
}

// What stands before the raw key in a SubjectPublicKeyInfo (RFC 5480, RFC 8410), and in the COSE key of an
// authenticator for Ed25519, which some browsers give no other form of (RFC 9053; CTAP2's order).
const SPKI_P256 = fromUrl("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE");
const SPKI_ED25519 = fromUrl("MCowBQYDK2VwAyEA");
const COSE_ED25519 = Uint8Array.of(0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 0x20);

function publicKeyOf(response: AuthenticatorAttestationResponse): Pick<Passkey, "alg" | "public_key"> {
  const alg = response.getPublicKeyAlgorithm();
  const spki = response.getPublicKey();
  if (alg === ES256 && spki !== null) {
    const point = after(SPKI_P256, bytesOf(spki), 64);
    return { alg: "es256", public_key: toUrl(concat(Uint8Array.of(4), point)) };
  }
  if (alg !== EDDSA) return refuse("passkey.algorithm");
  if (spki !== null) return { alg: "eddsa", public_key: toUrl(after(SPKI_ED25519, bytesOf(spki), 32)) };
  const data = bytesOf(response.getAuthenticatorData());
  // Behind the hash, the flags, the counter and the model stand the credential id with its length, and its key.
  const length = new DataView(data.buffer).getUint16(53);
  return { alg: "eddsa", public_key: toUrl(after(COSE_ED25519, data.slice(55 + length, 55 + length + 42), 32)) };
}

function after(prefix: Bytes, data: Bytes, size: number): Bytes {
  const whole = data.length === prefix.length + size && equal(data.subarray(0, prefix.length), prefix);
  return whole ? data.slice(prefix.length) : refuse("passkey.algorithm");
}

// Tells the authenticator that a passkey is good for nothing any more, where the browser can.
export async function forgetPasskey(rpId: string, credential: string): Promise<void> {
  const browser: Partial<typeof PublicKeyCredential> = PublicKeyCredential;
  await browser.signalUnknownCredential?.({ rpId, credentialId: credential }).catch(() => undefined);
}
