// Bodies of the relay's answers (zegel_protocol/api.py): read field by field, and what they do not know is left aside.
// Envelopes stand in them as parsed JSON; nothing in them is believed before it is verified.

import type { Exhibit } from "../keys/signed.ts";
import { exhibit } from "../keys/trust.ts";
import { type Bytes, utf8 } from "../protocol/bytes.ts";
import { Count, Digest, Key32, Random128, Term, Time } from "../protocol/fields.ts";
import { Party } from "../protocol/objects.ts";
import {
  type Fields, type Infer, list, malformed, oneOf, optional, type Shape, struct, text, type Type,
} from "../protocol/struct.ts";

// An envelope as JSON.parse gave it.
export type Envelope = Readonly<Record<string, unknown>>;

const Raw: Type<Envelope> = {
  read: (value) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? (value as Envelope)
      : malformed("no envelope"),
};

// A relay that is newer than this page may say more than it reads.
function answer<F extends Fields>(fields: F): Type<Shape<F>> {
  const known = struct(fields);
  return {
    read(value) {
      if (value === null || typeof value !== "object") return malformed("no object");
      return known.read(Object.fromEntries(Object.entries(value).filter(([name]) => Object.hasOwn(fields, name))));
    },
  };
}

const Body = text(/^[A-Za-z0-9_-]*$/);
const Held = answer({ object: Raw, receipt: optional(Raw) });
export const Bundle = answer({ items: list(Held) });
export const Accepted = answer({ receipt: Raw });
export const Delivery = answer({
  manifest: Raw, entries: list(Body), receipt: Raw, evidence: Bundle, wraps: optional(Raw), notice: optional(Raw),
});
export const NoticePage = answer({
  items: list(answer({ manifest: Digest, notice: Raw, position: optional(Count), due: optional(Time) })), cursor: Count,
});
export const InboxPage = answer({ items: list(answer({ index: Count, manifest: Digest })), cursor: Count });
export const DeadlinePage = answer({
  items: list(answer({
    kind: Term, owner: Party, object: Digest, message: optional(Digest), number: Count, since: Time, due: Time,
    state: oneOf("open", "overdue", "done", "lapsed"), closed: optional(Time),
  })),
});
export const LogState = answer({ checkpoint: text(null), now: Time });
export const LogConsistency = answer({ old: Count, new: Count, hashes: list(Digest), checkpoint: text(null) });
export const EnrolmentNote = answer({ content: Body });
const Way = oneOf("prf", "device", "code");
export const Keyring = answer({
  items: list(answer({ name: Digest, kind: Way, credential: optional(Body), made_at: Time })),
});
const whose = { huis: Digest, household: Random128, person: Random128, wrap: Body };
export const KeyringOpening = answer(whose);
export const LoginNonce = answer({ nonce: Key32 });
export const LoginOpening = answer({
  ...whose, kind: oneOf("prf", "device"), credential: Body, share: optional(Key32),
});
export const HeldAnswer = Held;
export const ProblemAnswer = answer({
  status: Count, code: text(null, 1, 100), detail: text(null),
  refusals: optional(list(Raw)),
});
export type Bundle = Infer<typeof Bundle>;
export type Delivery = Infer<typeof Delivery>;
export type NoticePage = Infer<typeof NoticePage>;
export type NoticeItem = NoticePage["items"][number];
export type InboxPage = Infer<typeof InboxPage>;
export type DeadlineItem = Infer<typeof DeadlinePage>["items"][number];
export type DeadlinePage = Infer<typeof DeadlinePage>;
export type LogState = Infer<typeof LogState>;
export type LogConsistency = Infer<typeof LogConsistency>;
export type Keyring = Infer<typeof Keyring>;
export type KeyringOpening = Infer<typeof KeyringOpening>;
export type LoginOpening = Infer<typeof LoginOpening>;
export type Held = Infer<typeof Held>;

// A seed, wrapped for one way in (docs/spec/keyring.md); binary as base64url text.
export interface KeyringEntry {
  readonly kind: "prf" | "device" | "code";
  readonly credential?: string;
  readonly wrap: string;
  readonly share?: string;
}

// What a message would be judged by (`EvidenceQuery` of zegel_protocol/api.py).
export interface EvidenceQuery {
  readonly persons: readonly string[];
  readonly from: Party;
  readonly to: Party;
  readonly thread?: string;
  readonly request?: string;
  readonly worker?: string;
  readonly household?: string;
  readonly answers?: string;
}

// A message as it is handed in: envelopes as they were signed, payloads and ciphertexts as base64url text.
export interface Submission {
  readonly manifest: Bytes;
  readonly entries: readonly string[];
  readonly wraps: readonly Bytes[];
  readonly sections: readonly { readonly ct: string; readonly body: string }[];
}

// The bytes of an envelope: JSON in the one spelling of the wire comes out of `JSON.stringify` as it went in.
export const bytesOf = (envelope: Envelope): Bytes => utf8(JSON.stringify(envelope));

// The objects of a bundle, each once. Refuses `envelope.*`, `object.*` for what is no envelope of a known kind.
export function exhibitsOf(bundle: Bundle): Exhibit[] {
  const found = new Map<string, Exhibit>();
  for (const held of bundle.items) {
    const shown: Exhibit = exhibit(bytesOf(held.object), held.receipt === undefined ? null : bytesOf(held.receipt));
    if (!found.has(shown.d)) found.set(shown.d, shown);
  }
  return [...found.values()];
}
