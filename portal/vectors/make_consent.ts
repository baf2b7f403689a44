// Makes consents as a client's phone does: `node build/make_consent.mjs <input.json>` prints the passkey's public half
// and an envelope for each consent. One touch signs them all. Input: {huis, household, person, request, rulebook,
// code_version, language, rp_id, origin, consents: [{purpose, from, to, types, not_before, not_after, text, link}]},
// where `text` are the words that were shown and `link` is the person's place in the chain.

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";

import { type Assertion, batchChallenge, KEYID, toDer } from "../src/keys/assertion.ts";
import { type Bytes, concat, digestOf, fromUrl, sha256, toStandard, toUrl, utf8 } from "../src/protocol/bytes.ts";
import { digest, sealEnvelope, typeOf } from "../src/protocol/dsse.ts";
import { encode } from "../src/protocol/encoding.ts";
import { type Consent, KINDS } from "../src/protocol/objects.ts";

// User present and verified, and a passkey that is synchronised: flags of WebAuthn level 3, section 6.1.
const FLAGS = 0x1d;

// A phone with one passkey of its own.
interface Phone {
  readonly credential: string;
  readonly publicKey: string;
  touch(challenge: Bytes, batch: readonly string[]): Promise<Assertion>;
}

async function unpack(rpId: string, origin: string): Promise<Phone> {
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const pair = await crypto.subtle.generateKey(curve, false, ["sign", "verify"]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const credential = toUrl(randomBytes(32));
  const touch = async (challenge: Bytes, batch: readonly string[]): Promise<Assertion> => {
    const members = { type: "webauthn.get", challenge: toUrl(challenge), origin, crossOrigin: false };
    const clientData = utf8(JSON.stringify(members));
    const authenticatorData = concat(sha256(utf8(rpId)), Uint8Array.of(FLAGS, 0, 0, 0, 0));
    const message = concat(authenticatorData, sha256(clientData));
    const signed = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, message);
    return {
      is: "passkey", credential, authenticatorData: toUrl(authenticatorData), clientDataJSON: toUrl(clientData),
      signature: toUrl(toDer(new Uint8Array(signed))), batch: [...batch],
    };
  };
  return { credential, publicKey: toUrl(point), touch };
}

interface Wanted extends Pick<Consent, "purpose" | "from" | "to" | "types" | "not_before" | "not_after"> {
  readonly text: string;
  readonly link: { readonly seq: number; readonly prev?: string };
}

interface Given {
  readonly huis: string;
  readonly household: string;
  readonly person: string;
  readonly request: string;
  readonly rulebook: string;
  readonly code_version: string;
  readonly language: string;
  readonly rp_id: string;
  readonly origin: string;
  readonly consents: readonly Wanted[];
}

function consentOf(given: Given, wanted: Wanted): Bytes {
  const consent = {
    v: 1,
    huis: given.huis,
    nonce: toUrl(randomBytes(16)),
    household: given.household,
    request: given.request,
    purpose: wanted.purpose,
    from: wanted.from,
    to: wanted.to,
    types: wanted.types,
    about: [given.person],
    not_before: wanted.not_before,
    not_after: wanted.not_after,
    signers: [{ person: given.person, role: "self" }],
    evidence: { by: "passkey" },
    language: given.language,
    text_digest: digestOf(utf8(wanted.text.normalize("NFC"))),
    rulebook: given.rulebook,
    code_version: given.code_version,
    replaces: [],
    chains: [{ person: given.person, ...wanted.link }],
  };
  return encode(KINDS.consent.read(consent));
}

const given = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Given;
const phone = await unpack(given.rp_id, given.origin);
const type = typeOf("consent");
const bodies = given.consents.map((wanted) => consentOf(given, wanted));
const digests = bodies.map((body) => digest(type, body));
const batch = digests.length > 1 ? digests : [];
const assertion = await phone.touch(batch.length > 0 ? batchChallenge(batch) : fromUrl(digests[0] ?? "", 32), batch);
const signature = { keyid: KEYID + phone.credential, sig: toStandard(encode(assertion)) };
const consents = bodies.map((body, at) => ({
  d: digests[at] ?? "",
  envelope: new TextDecoder().decode(sealEnvelope(type, body, [signature])),
}));
const passkey = { credential: phone.credential, alg: "es256", public_key: phone.publicKey };
process.stdout.write(`${JSON.stringify({ passkey, consents })}\n`);
