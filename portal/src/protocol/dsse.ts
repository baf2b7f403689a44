// Envelopes, the bytes that are signed, and D (docs/spec/envelope.md).

import { type Bytes, concat, digestOf, fromStandard, toStandard, utf8 } from "./bytes.ts";
import { decode, encode, MAX_ENVELOPE } from "./encoding.ts";
import { refuse } from "./errors.ts";
import { AnyText } from "./fields.ts";
import { type Infer, list, optional, struct } from "./struct.ts";

const PREFIX = "application/vnd.zegel.";
const SUFFIX = ".v1+json";
const Signature = struct({ keyid: optional(AnyText), sig: AnyText });
const Envelope = struct({ payloadType: AnyText, payload: AnyText, signatures: list(Signature) });

// One signature as an envelope holds it: whose it claims to be, and its bytes in base64.
export type Signature = Infer<typeof Signature>;

// An envelope that was opened: its type, the bytes of its payload, its signatures unchecked, and its D.
export interface Opened {
  readonly type: string;
  readonly body: Bytes;
  readonly signatures: readonly Signature[];
  readonly d: string;
}

export const typeOf = (kind: string): string => `${PREFIX}${kind}${SUFFIX}`;

export function pae(type: string, body: Uint8Array): Bytes {
  const name = utf8(type);
  return concat(utf8(`DSSEv1 ${name.length} `), name, utf8(` ${body.length} `), body);
}

export const digest = (type: string, body: Uint8Array): string => digestOf(pae(type, body));

// Refuses `envelope.malformed`, and as `decode`.
export function openEnvelope(data: Uint8Array): Opened {
  const envelope = decode(data, Envelope, MAX_ENVELOPE);
  if (envelope.signatures.length < 1 || envelope.signatures.length > 40) refuse("envelope.malformed");
  const body = fromStandard(envelope.payload);
  return { type: envelope.payloadType, body, signatures: envelope.signatures, d: digest(envelope.payloadType, body) };
}

export const sealEnvelope = (type: string, body: Uint8Array, signatures: readonly Signature[]): Bytes =>
  encode({ payloadType: type, payload: toStandard(body), signatures });
