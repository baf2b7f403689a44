// What is done with the input of a vector, a function a format: it returns what `result` says, or refuses.

import { challengeFor, checkAssertion, fromSignature, loginChallenge } from "../src/keys/assertion.ts";
import { digestOf, fromUrl, fromUtf8, hex, toStandard, toUrl, utf8 } from "../src/protocol/bytes.ts";
import { openCase, readEntries } from "../src/keys/casefile.ts";
import { checkDelay, inForce, isReplacement } from "../src/keys/client_keys.ts";
import { grow, underCode, underPrf } from "../src/keys/client_seed.ts";
import { openAddress } from "./contact.ts";
import { digest, openEnvelope, typeOf } from "../src/protocol/dsse.ts";
import { decode, encode } from "../src/protocol/encoding.ts";
import { checkTag, readAddress, wordsOfEnrolment, wordsOfRecord } from "../src/protocol/enrolment.ts";
import { verifyRequest } from "./http_request.ts";
import { verifyCheckpoint, verifyProof } from "../src/keys/log.ts";
import { leafHash, verifyConsistency, verifyInclusion } from "../src/protocol/merkle.ts";
import { openMessage } from "../src/keys/message.ts";
import { KINDS } from "../src/protocol/objects.ts";
import { checkKey, chunkCount, ciphertextSize, openSection, paddedSize, sealKey, unwrap, wrapInfo } from "../src/keys/sealing.ts";
import { checkReceipt, establish, exhibit, Trust } from "../src/keys/trust.ts";
import { asBytes, objectsOf } from "./vectors.ts";
import { verify } from "../src/keys/verification.ts";

const shownOf = (given) =>
  Object.values(objectsOf(given.objects)).map((item) =>
    exhibit(asBytes(item.object), "receipt" in item ? asBytes(item.receipt) : null));

const sorted = (map, value) => {
  const inOrder = [...map].sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(inOrder.map(([key, item]) => [key, value(item)]));
};

const byFlow = (map, value) =>
  [...map].map(([flow, item]) => [...JSON.parse(flow), value(item)]).sort((left, right) => {
    const [a, b] = [left.slice(0, 3), right.slice(0, 3)].map((flow) => flow.join("\0"));
    return a < b ? -1 : 1;
  });

function object({ kind, payload }) {
  const data = asBytes(payload);
  decode(data, KINDS[kind]);
  // Written again by JSON.stringify alone, from what JSON.parse gave: any JavaScript does it the same.
  return { D: digest(typeOf(kind), encode(JSON.parse(fromUtf8(data)))) };
}

function envelope(given) {
  const { type, body, signatures, d } = openEnvelope(asBytes(given.envelope));
  return { payload_type: type, payload: toUrl(body), D: d, signatures: signatures.length };
}

async function signed({ envelope: data, kind, huis, roots, threshold }) {
  const trust = new Trust(huis);
  trust.roots = [{ object: { roots, threshold }, place: null }];
  const held = await verify(asBytes(data), kind, trust);
  return { D: held.d, signers: held.signers.map((signer) => signer.key).sort() };
}

function section(given) {
  const content = openSection(given.context, asBytes(given.key), asBytes(given.blob), given);
  return { length: content.length, content: digestOf(content) };
}

async function wrap({ context, seed, box }) {
  const info = wrapInfo(context);
  const keys = await unwrap(box, asBytes(seed), info, context.entries.length);
  return { info: toUrl(info), keys: keys.map(toUrl) };
}

async function sealKeyOf({ seed }) {
  const { text, digest: named } = await sealKey(asBytes(seed));
  return { public: text, digest: named };
}

function padme({ length }) {
  const padded = paddedSize(length);
  return { padded, chunks: chunkCount(padded), ciphertext: ciphertextSize(padded) };
}

async function assertion(given) {
  const found = fromSignature({ keyid: given.keyid, sig: toStandard(asBytes(given.assertion)) });
  const challenge = challengeFor(given.D, found.batch);
  const site = { rpId: given.rp_id, origins: given.origins };
  await checkAssertion(found, challenge, { alg: given.alg, publicKey: fromUrl(given.public_key), ...site });
  return { challenge: toUrl(challenge) };
}

async function seedWrap(given) {
  const wrapped = asBytes(given.wrapped);
  const seed = await ("code" in given
    ? underCode(wrapped, given.code)
    : underPrf(wrapped, asBytes(given.prf), given.credential));
  return { identity_key: (await grow(seed)).identity_key };
}

async function checkpoint({ checkpoint: text, origin, log_key: key }) {
  const head = await verifyCheckpoint(fromUtf8(asBytes(text)), origin, key);
  return { size: head.size, root: toUrl(head.root), signatures: head.signatures.length };
}

async function logProof({ proof, D, origin, log_key: key }) {
  const found = await verifyProof(fromUtf8(asBytes(proof)), fromUrl(D, 32), origin, key);
  return { index: found.index, size: found.checkpoint.size, root: toUrl(found.checkpoint.root) };
}

function inclusion({ D, index, size, hashes, root }) {
  verifyInclusion(leafHash(fromUrl(D, 32)), index, size, hashes.map((hash) => fromUrl(hash)), fromUrl(root));
  return {};
}

function consistency(given) {
  const hashes = given.hashes.map((hash) => fromUrl(hash));
  verifyConsistency(given.old, fromUrl(given.old_root), given.new, fromUrl(given.new_root), hashes);
  return {};
}

async function receipt(given) {
  const trust = new Trust(given.huis);
  trust.directory = { object: given.directory };
  const found = await checkReceipt(asBytes(given.receipt), given.D, trust, given.directory.log_key);
  return { D: found.receipt.d, ...found.place, ...found.seen };
}

async function setting(given) {
  const trust = await establish(given.huis, shownOf(given));
  return {
    directory: trust.directory.d,
    rulebook: trust.rulebook.d,
    memberships: sorted(trust.listed, (chain) => chain.at(-1).d),
    devices: sorted([...trust.lists].filter(([partner]) => trust.listed.has(partner)), (chain) => chain.at(-1).d),
  };
}

async function caseFile(given, expected) {
  const found = await openCase(given.huis, shownOf(given), given.strict);
  const consents = new Map(
    [...found.chains.values()].flat().filter((held) => held.kind === "consent").map((held) => [held.d, held]),
  );
  return {
    clients: sorted(found.trust.clients, (client) => client.keys.map((held) => held.d)),
    chains: byFlow(found.chains, (chain) => chain.map((held) => held.d)),
    requests: [...found.requests.keys()].sort(),
    statuses: byFlow(found.statuses, (held) => held.object.head_seq),
    texts: sorted(consents, (held) => textOf(held, expected?.texts?.[held.d])),
  };
}

// The words are rendered elsewhere; here they are held against the digest that was signed.
function textOf(held, text = "") {
  return digestOf(utf8(text.normalize("NFC"))) === held.object.text_digest ? text : null;
}

function consentText(given, expected) {
  return { text: expected.text, text_digest: digestOf(utf8(expected.text.normalize("NFC"))) };
}

async function message(given) {
  const { manifest, wraps, receipt: held, entries, sections } = given.message;
  return openMessage({
    huis: given.huis,
    shown: shownOf(given),
    delivered: {
      manifest: asBytes(manifest),
      wraps: asBytes(wraps),
      receipt: asBytes(held),
      entries: entries.map(asBytes),
      sections: Object.fromEntries(Object.entries(sections).map(([ct, blob]) => [ct, asBytes(blob)])),
    },
    reader: given.reader,
    seed: asBytes(given.seed),
    whole: given.whole,
  });
}

// Deciding is not done here; that everything which a decision rests on verifies is.
async function decide(given) {
  const { trust } = await openCase(given.huis, shownOf(given));
  const { manifest: data, receipt: held, entries } = given.message;
  const { d } = exhibit(asBytes(data));
  const logKey = trust.directory.object.log_key;
  const place = held === undefined ? null : (await checkReceipt(asBytes(held), d, trust, logKey)).place;
  const manifest = await verify(asBytes(data), "manifest", trust, place);
  return { entries: readEntries(manifest.object, entries.map(asBytes), true).length };
}

function keysInForce({ keys, vouches, place }) {
  const held = ({ D, index, at, worker, ...object }) => ({
    d: D, object, place: { index, at }, signers: [{ role: "device", worker }],
  });
  const records = keys.map(held);
  records.filter(({ object }) => isReplacement(object)).forEach(({ object, place: own }) => checkDelay(object, own));
  const { counts, waits } = inForce(records, vouches.map(held), place);
  return { counts: counts?.d ?? "", waits: waits?.d ?? "" };
}

export const RUNNERS = {
  assertion,
  binary: ({ text, size = null }) => ({ bytes: hex(fromUrl(text, size)) }),
  case: caseFile,
  checkpoint,
  "client-seed": ({ seed }) => grow(asBytes(seed)),
  commitment: ({ context, key, kc }) => ({ ad: toUrl(checkKey(context, asBytes(key), kc)) }),
  consistency,
  "consent-text": consentText,
  decide,
  enrolment: ({ secret, context, tag, now }) => ({ tag: checkTag(asBytes(secret), context, tag, now) }),
  "enrolment-code": ({ address }) => readAddress(address),
  envelope,
  http: async (given) => ({ keyid: await verifyRequest({ ...given, body: asBytes(given.body) }) }),
  inclusion,
  "keys-in-force": keysInForce,
  "log-proof": logProof,
  login: ({ rp_id: rpId, nonce }) => ({ challenge: toUrl(loginChallenge(rpId, asBytes(nonce))) }),
  message,
  object,
  padme,
  receipt,
  "seal-key": sealKeyOf,
  section,
  contact: ({ private: key, person, sealed }) => ({ address: openAddress(asBytes(key), person, asBytes(sealed)) }),
  "seed-wrap": seedWrap,
  setting,
  signed,
  "six-words": async ({ secret, context, client_key: d }) => ({
    words: d === undefined ? wordsOfEnrolment(asBytes(secret), context) : await wordsOfRecord(d),
  }),
  wrap,
};
