// What a verified object is: who signed it, where it stands in the log, and what it says. As
// `zegel_protocol/signed.py`.

import type { Bytes } from "../protocol/bytes.ts";
import type { Kind, Payload } from "../protocol/objects.ts";

// Where an object stands in the log, and when the relay accepted it (UTC seconds).
export interface Place {
  readonly index: number;
  readonly at: number;
}

// A state of the log: its number of entries and its root as base64url text.
export interface Seen {
  readonly size: number;
  readonly root: string;
}

// Whose signature counted. `key` is the Ed25519 key, or for a passkey its credential id.
export interface Signer {
  readonly role: "steward" | "freshness" | "partner-root" | "device" | "identity" | "passkey" | "relay";
  readonly key: string;
  readonly partner?: string;
  readonly device?: string;
  readonly worker?: string | undefined;
  readonly person?: string;
}

// A key that may sign, and for a passkey how it is checked; every other is an Ed25519 key.
export interface Candidate extends Signer {
  readonly passkey?: Payload<"client-key">["passkeys"][number];
}

export interface Signed<K extends Kind = Kind> {
  readonly kind: K;
  readonly d: string;
  readonly object: Payload<K>;
  readonly signers: readonly Signer[];
  readonly place: Place | null;
}

// An envelope as it was handed over, perhaps with its receipt: not believed yet.
export interface Exhibit {
  readonly kind: Kind;
  readonly d: string;
  readonly data: Bytes;
  readonly receipt: Bytes | null;
}

// The place of whatever is asked about now: after everything in the log.
export const after = (now: number): Place => ({ index: Number.MAX_SAFE_INTEGER, at: now });
