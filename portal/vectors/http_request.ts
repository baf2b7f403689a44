// A signed request: the one profile of HTTP Message Signatures (docs/spec/http.md).

import { fromStandard, fromUrl, sha256, toStandard, utf8 } from "../src/protocol/bytes.ts";
import { check } from "../src/keys/ed25519.ts";
import { ProtocolError, refuse } from "../src/protocol/errors.ts";

const WINDOW = 300;
const MAX_HEADER = 1024;
const PARAMETERS = ["alg", "created", "expires", "keyid", "nonce", "tag"];
const KEYID = /^(?:device:[a-z0-9.-]{1,64}\/[0-9a-f]{32}|person:[0-9a-f]{32})$/;
const wrong = () => refuse("http.signature");

export async function verifyRequest({ method, url, headers, keys, now, body }) {
  const fields = pick(headers);
  if (!("signature" in fields) && !("signature-input" in fields)) refuse("http.unsigned");
  const { written, components, parameters } = parseInput(fields["signature-input"] ?? "");
  const signature = /^zegel=:([A-Za-z0-9+/=]*):$/.exec(fields.signature ?? "");
  if (signature === null) wrong();
  const key = KEYID.test(parameters.keyid) && Object.hasOwn(keys, parameters.keyid) ? keys[parameters.keyid] : null;
  if (key === null) refuse("http.key");
  const expected = body.length > 0 ? '"@method" "@target-uri" "content-digest"' : '"@method" "@target-uri"';
  const known = Object.keys(parameters).sort().join() === PARAMETERS.join();
  if (components !== expected || !known || parameters.alg !== "ed25519" || parameters.tag !== "zegel-http-v1") wrong();
  const lines = [`"@method": ${method}`, `"@target-uri": ${url}`];
  if (body.length > 0) lines.push(`"content-digest": ${fields["content-digest"]}`);
  const base = utf8([...lines, `"@signature-params": ${written}`].join("\n"));
  await holdTo(async () => {
    fromUrl(parameters.nonce, 16);
    await check(key, base, fromStandard(signature[1]));
  });
  checkTime(Number(parameters.created), Number(parameters.expires), now);
  const digest = `sha-256=:${toStandard(sha256(body))}:`;
  if (body.length > 0 && fields["content-digest"] !== digest) refuse("http.digest");
  return parameters.keyid;
}

function pick(headers) {
  const fields = {};
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (!["signature", "signature-input", "content-digest"].includes(lower)) continue;
    if (lower in fields || value.length > MAX_HEADER) wrong();
    fields[lower] = value;
  }
  return fields;
}

function parseInput(source) {
  const found = /^zegel=(\(([^()]*)\)((?:;[a-z]+=(?:"[^"\\]*"|[0-9]+))*))$/.exec(source);
  if (found === null) wrong();
  const parameters = {};
  for (const [, name, text, number] of found[3].matchAll(/;([a-z]+)=(?:"([^"\\]*)"|([0-9]+))/g)) {
    const numeric = name === "created" || name === "expires";
    if (name in parameters || numeric !== (number !== undefined)) wrong();
    parameters[name] = text ?? number;
  }
  return { written: found[1], components: found[2], parameters };
}

function checkTime(created, expires, now) {
  if (!(created < expires && expires <= created + WINDOW)) refuse("http.time");
  if (Math.abs(now - created) > WINDOW || now > expires) refuse("http.time");
}

async function holdTo(run) {
  try {
    await run();
  } catch (error) {
    if (error instanceof ProtocolError) wrong();
    throw error;
  }
}
