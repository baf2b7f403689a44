// Envelopes, the bytes that are signed, and D (docs/spec/envelope.md).

import { concat, digestOf, fromStandard, toStandard, utf8 } from "./bytes.ts";
import { decode, encode, MAX_ENVELOPE } from "./encoding.ts";
import { refuse } from "./errors.ts";
import { AnyText } from "./fields.ts";
import { list, optional, struct } from "./struct.ts";

const PREFIX = "application/vnd.zegel.";
const SUFFIX = ".v1+json";
const Envelope = struct({
  payloadType: AnyText,
  payload: AnyText,
  signatures: list(struct({ keyid: optional(AnyText), sig: AnyText })),
});

export const typeOf = (kind) => `${PREFIX}${kind}${SUFFIX}`;

export function pae(type, body) {
  const name = utf8(type);
  return concat(utf8(`DSSEv1 ${name.length} `), name, utf8(` ${body.length} `), body);
}

export const digest = (type, body) => digestOf(pae(type, body));

export function openEnvelope(data) {
  const envelope = decode(data, Envelope, MAX_ENVELOPE);
  if (envelope.signatures.length < 1 || envelope.signatures.length > 40) refuse("envelope.malformed");
  const body = fromStandard(envelope.payload);
  return { type: envelope.payloadType, body, signatures: envelope.signatures, d: digest(envelope.payloadType, body) };
}

export const sealEnvelope = (type, body, signatures) =>
  encode({ payloadType: type, payload: toStandard(body), signatures });
