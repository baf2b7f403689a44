// What is done with the input of a vector, a function a format: it returns what `result` says, or refuses.

import { challengeFor, checkAssertion, fromSignature, loginChallenge } from "../src/keys/assertion.ts";
import {
  checkKey, chunkCount, ciphertextSize, paddedSize, type SectionContext, type WrapContext, wrapInfo,
} from "../src/keys/bindings.ts";
import { passkeyName, recoveryName, underCode, underDevice, underPrf } from "../src/keys/client_seed.ts";
import { verifyCheckpoint, verifyProof } from "../src/keys/log.ts";
import { grow } from "../src/keys/seal_seed.ts";
import { openSection, type Sealed } from "../src/keys/sections.ts";
import { sealKey, unwrap } from "../src/keys/wraps.ts";
import { digestOf, fromUrl, fromUtf8, hex, toStandard, toUrl } from "../src/protocol/bytes.ts";
import { digest, openEnvelope, typeOf } from "../src/protocol/dsse.ts";
import { decode, encode } from "../src/protocol/encoding.ts";
import {
  checkTag, type EnrolmentContext, readAddress, wordsOfEnrolment, wordsOfRecord,
} from "../src/protocol/enrolment.ts";
import { refuse } from "../src/protocol/errors.ts";
import { leafHash, verifyConsistency, verifyInclusion } from "../src/protocol/merkle.ts";
import { type Kind, kindType } from "../src/protocol/objects.ts";
import { openAddress } from "./contact.ts";
import { caseFile, decide, keysInForce, message, receipt, setting, signed } from "./evidence.ts";
import { type Request, verifyRequest } from "./http_request.ts";
import { nameOf as stopCodeName } from "./stop_code.ts";
import { codeText, consentText, noticeText, owedText } from "./texts.ts";
import { asBytes, type Written } from "./vectors.ts";

function object({ kind, payload }: { kind: Kind; payload: Written }) {
  const data = asBytes(payload);
  decode(data, kindType(kind));
  // Written again by JSON.stringify alone, from what JSON.parse gave: any JavaScript does it the same.
  return { D: digest(typeOf(kind), encode(JSON.parse(fromUtf8(data)))) };
}

function envelope(given: { envelope: Written }) {
  const { type, body, signatures, d } = openEnvelope(asBytes(given.envelope));
  return { payload_type: type, payload: toUrl(body), D: d, signatures: signatures.length };
}

interface SectionGiven extends Sealed {
  readonly context: SectionContext;
  readonly key: Written;
  readonly blob: Written;
}

function section(given: SectionGiven) {
  const content = openSection(given.context, asBytes(given.key), asBytes(given.blob), given);
  return { length: content.length, content: digestOf(content) };
}

async function wrap({ context, seed, box }: { context: WrapContext; seed: Written; box: string }) {
  const info = wrapInfo(context);
  const keys = await unwrap(box, asBytes(seed), info, context.entries.length);
  return { info: toUrl(info), keys: keys.map(toUrl) };
}

async function sealKeyOf({ seed }: { seed: Written }) {
  const { text, digest: named } = await sealKey(asBytes(seed));
  return { public: text, digest: named };
}

function padme({ length }: { length: number }) {
  const padded = paddedSize(length);
  return { padded, chunks: chunkCount(padded), ciphertext: ciphertextSize(padded) };
}

interface AssertionGiven {
  readonly keyid: string;
  readonly assertion: Written;
  readonly D: string;
  readonly alg: string;
  readonly public_key: string;
  readonly rp_id: string;
  readonly origins: readonly string[];
}

async function assertion(given: AssertionGiven) {
  const found = fromSignature({ keyid: given.keyid, sig: toStandard(asBytes(given.assertion)) })
    ?? refuse("assertion.malformed");
  const challenge = challengeFor(given.D, found.batch);
  const site = { rpId: given.rp_id, origins: given.origins };
  await checkAssertion(found, challenge, { alg: given.alg, publicKey: fromUrl(given.public_key), ...site });
  return { challenge: toUrl(challenge) };
}

type SeedWrapGiven = { readonly wrapped: Written } & (
  | { readonly code: string }
  | { readonly share: Written; readonly secret: Written; readonly credential: string }
  | { readonly prf: Written; readonly credential: string }
);

async function seedWrap(given: SeedWrapGiven) {
  const wrapped = asBytes(given.wrapped);
  const seed = await ("code" in given
    ? underCode(wrapped, given.code)
    : "share" in given
    ? underDevice(wrapped, asBytes(given.secret), asBytes(given.share), given.credential)
    : underPrf(wrapped, asBytes(given.prf), given.credential));
  return { identity_key: (await grow(seed)).identity_key };
}

interface OfLog {
  readonly origin: string;
  readonly log_key: string;
}

async function checkpoint({ checkpoint: text, origin, log_key: key }: OfLog & { checkpoint: Written }) {
  const head = await verifyCheckpoint(fromUtf8(asBytes(text)), origin, key);
  return { size: head.size, root: toUrl(head.root), signatures: head.signatures.length };
}

async function logProof({ proof, D, origin, log_key: key }: OfLog & { proof: Written; D: string }) {
  const found = await verifyProof(fromUtf8(asBytes(proof)), fromUrl(D, 32), origin, key);
  return { index: found.index, size: found.checkpoint.size, root: toUrl(found.checkpoint.root) };
}

interface InclusionGiven {
  readonly D: string;
  readonly index: number;
  readonly size: number;
  readonly hashes: readonly string[];
  readonly root: string;
}

function inclusion({ D, index, size, hashes, root }: InclusionGiven) {
  verifyInclusion(leafHash(fromUrl(D, 32)), index, size, hashes.map((hash) => fromUrl(hash)), fromUrl(root));
  return {};
}

interface ConsistencyGiven {
  readonly old: number;
  readonly old_root: string;
  readonly new: number;
  readonly new_root: string;
  readonly hashes: readonly string[];
}

function consistency(given: ConsistencyGiven) {
  const hashes = given.hashes.map((hash) => fromUrl(hash));
  verifyConsistency(given.old, fromUrl(given.old_root), given.new, fromUrl(given.new_root), hashes);
  return {};
}

interface EnrolmentGiven {
  readonly secret: Written;
  readonly context: EnrolmentContext;
  readonly tag: string;
  readonly now: number;
}
type SixWordsGiven = Pick<EnrolmentGiven, "secret" | "context"> & { readonly client_key?: string };
type HttpGiven = Omit<Request, "body"> & { readonly body: Written };
interface CommitmentGiven {
  readonly context: SectionContext;
  readonly key: Written;
  readonly kc: string;
}
interface ContactGiven {
  readonly private: Written;
  readonly person: string;
  readonly sealed: Written;
}

// Each takes the fields of its own format; whoever calls one has the vector's word that they are there.
export const RUNNERS: Readonly<Record<string, (given: never) => unknown>> = {
  assertion,
  binary: ({ text, size = null }: { text: string; size?: number | null }) => ({ bytes: hex(fromUrl(text, size)) }),
  case: caseFile,
  checkpoint,
  "client-seed": ({ seed }: { seed: Written }) => grow(asBytes(seed)),
  commitment: ({ context, key, kc }: CommitmentGiven) => ({ ad: toUrl(checkKey(context, asBytes(key), kc)) }),
  consistency,
  "code-text": codeText,
  "consent-text": consentText,
  decide,
  enrolment: ({ secret, context, tag, now }: EnrolmentGiven) => ({
    tag: checkTag(asBytes(secret), context, tag, now),
  }),
  "enrolment-code": ({ address }: { address: string }) => readAddress(address),
  envelope,
  http: async (given: HttpGiven) => ({ keyid: await verifyRequest({ ...given, body: asBytes(given.body) }) }),
  inclusion,
  "keyring-name": ({ credential = "", code }: { credential?: string; code?: string }) => ({
    name: code === undefined ? passkeyName(credential) : recoveryName(code),
  }),
  "keys-in-force": keysInForce,
  "log-proof": logProof,
  login: ({ rp_id: rpId, nonce }: { rp_id: string; nonce: Written }) => ({
    challenge: toUrl(loginChallenge(rpId, asBytes(nonce))),
  }),
  message,
  "notice-text": noticeText,
  object,
  "owed-text": owedText,
  padme,
  receipt,
  "seal-key": sealKeyOf,
  section,
  contact: ({ private: key, person, sealed }: ContactGiven) => ({
    address: openAddress(asBytes(key), person, asBytes(sealed)),
  }),
  "seed-wrap": seedWrap,
  "stop-code": ({ huis, code }: { huis: string; code: string }) => ({ name: stopCodeName(huis, code) }),
  setting,
  signed,
  "six-words": async ({ secret, context, client_key: d }: SixWordsGiven) => ({
    words: d === undefined ? wordsOfEnrolment(asBytes(secret), context) : await wordsOfRecord(d),
  }),
  wrap,
};
