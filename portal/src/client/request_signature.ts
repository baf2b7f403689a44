// Who asks: HTTP Message Signatures (RFC 9421) in the one profile of docs/spec/http.md, the signing half.

import { sign } from "../keys/ed25519.ts";
import { type Bytes, sha256, toStandard, toUrl, utf8 } from "../protocol/bytes.ts";

// Seconds that a signature lives.
const WINDOW = 300;

// Whose requests these are: `person` is their id, `identitySeed` the private half of their identity key.
export interface Asker {
  readonly person: string;
  readonly identitySeed: Bytes;
}

// The headers that sign a request. `url` is absolute, exactly as it is sent; `now` in UTC seconds. A body is bound by
// its digest; leave it empty for an upload, whose address names the digest.
export function signRequest(
  method: string, url: string, asker: Asker, now: number, body: Bytes = new Uint8Array(),
): Record<string, string> {
  const nonce = toUrl(crypto.getRandomValues(new Uint8Array(16)));
  const digest = body.length > 0 ? `sha-256=:${toStandard(sha256(body))}:` : null;
  const components = digest === null ? '("@method" "@target-uri")' : '("@method" "@target-uri" "content-digest")';
  const parameters =
    `${components};created=${now};expires=${now + WINDOW};keyid="person:${asker.person}";alg="ed25519"` +
    `;nonce="${nonce}";tag="zegel-http-v1"`;
  const lines = [`"@method": ${method}`, `"@target-uri": ${url}`];
  if (digest !== null) lines.push(`"content-digest": ${digest}`);
  lines.push(`"@signature-params": ${parameters}`);
  return {
    "Signature-Input": `zegel=${parameters}`,
    Signature: `zegel=:${toStandard(sign(asker.identitySeed, utf8(lines.join("\n"))))}:`,
    ...(digest === null ? {} : { "Content-Digest": digest }),
  };
}
