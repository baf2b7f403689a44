// A signed request: the one profile of HTTP Message Signatures (docs/spec/http.md).

import { type Bytes, fromStandard, fromUrl, sha256, toStandard, utf8 } from "../src/protocol/bytes.ts";
import { check } from "../src/keys/ed25519.ts";
import { ProtocolError, refuse } from "../src/protocol/errors.ts";

const WINDOW = 300;
const MAX_HEADER = 1024;
const PARAMETERS = ["alg", "created", "expires", "keyid", "nonce", "tag"];
const KEYID = /^(?:device:[a-z0-9.-]{1,64}\/[0-9a-f]{32}|person:[0-9a-f]{32})$/;
const wrong = (): never => refuse("http.signature");

type Fields = Readonly<Record<string, string>>;

// A request as it came in; `keys` are base64url texts by key id, `now` UTC seconds.
export interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: Fields;
  readonly keys: Fields;
  readonly now: number;
  readonly body: Bytes;
}

// The key id that signed it. Refuses an `http.*` code.
export async function verifyRequest({ method, url, headers, keys, now, body }: Request): Promise<string> {
  const fields = pick(headers);
  if (!("signature" in fields) && !("signature-input" in fields)) refuse("http.unsigned");
  const { written, components, parameters } = parseInput(fields["signature-input"] ?? "");
  const [, signature] = /^zegel=:([A-Za-z0-9+/=]*):$/.exec(fields.signature ?? "") ?? wrong();
  const { keyid = "", nonce = "" } = parameters;
  const key = (KEYID.test(keyid) && Object.hasOwn(keys, keyid) ? keys[keyid] : undefined) ?? refuse("http.key");
  const expected = body.length > 0 ? '"@method" "@target-uri" "content-digest"' : '"@method" "@target-uri"';
  const known = Object.keys(parameters).sort().join() === PARAMETERS.join();
  if (components !== expected || !known || parameters.alg !== "ed25519" || parameters.tag !== "zegel-http-v1") wrong();
  const lines = [`"@method": ${method}`, `"@target-uri": ${url}`];
  if (body.length > 0) lines.push(`"content-digest": ${fields["content-digest"]}`);
  const base = utf8([...lines, `"@signature-params": ${written}`].join("\n"));
  await holdTo(async () => {
    fromUrl(nonce, 16);
    await check(key, base, fromStandard(signature ?? ""));
  });
  checkTime(Number(parameters.created), Number(parameters.expires), now);
  const digest = `sha-256=:${toStandard(sha256(body))}:`;
  if (body.length > 0 && fields["content-digest"] !== digest) refuse("http.digest");
  return keyid;
}

function pick(headers: Fields): Fields {
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (!["signature", "signature-input", "content-digest"].includes(lower)) continue;
    if (lower in fields || value.length > MAX_HEADER) wrong();
    fields[lower] = value;
  }
  return fields;
}

function parseInput(source: string): { written: string; components: string; parameters: Fields } {
  const found = /^zegel=(\(([^()]*)\)((?:;[a-z]+=(?:"[^"\\]*"|[0-9]+))*))$/.exec(source) ?? wrong();
  const [, written = "", components = "", said = ""] = found;
  const parameters: Record<string, string> = {};
  for (const [, name = "", text, number] of said.matchAll(/;([a-z]+)=(?:"([^"\\]*)"|([0-9]+))/g)) {
    const numeric = name === "created" || name === "expires";
    if (name in parameters || numeric !== (number !== undefined)) wrong();
    parameters[name] = text ?? number ?? "";
  }
  return { written, components, parameters };
}

function checkTime(created: number, expires: number, now: number): void {
  if (!(created < expires && expires <= created + WINDOW)) refuse("http.time");
  if (Math.abs(now - created) > WINDOW || now > expires) refuse("http.time");
}

async function holdTo(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (error instanceof ProtocolError) wrong();
    throw error;
  }
}
