// What this browser has seen, so that nobody can show it less: as `zegel_keys/keystore/pins.py`.
//
// A signature says that something was true once; a pin says that something newer is known. Signatures, links and log
// proofs are verified before a call here. The codes are those of docs/spec/errors.md.

import { refuse } from "../protocol/errors.ts";
import type { Row, State } from "./state.ts";

// The newest version seen of one subject; `chained` once a version was accepted by its link to the one before.
export interface VersionPin extends Row {
  readonly version: number;
  readonly digest: string;
  readonly chained: boolean;
}

// The largest checkpoint seen of the log.
export interface LogPin extends Row {
  readonly size: number;
  readonly root: string;
}

// The newest head seen of a consent chain; no `digest` while the chain is empty.
export interface HeadPin extends Row {
  readonly seq: number;
  readonly digest?: string;
}

const VERSIONS = "version";
const HEADS = "head";
const LOG = "log";
const HEAD_OF_LOG = "head";

export class Pins {
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  // Accepts this version of an object; returns whether it is newer than what was pinned. `prev` is the D of the version
  // before, for a kind that is held to its chain; null for one that something else vouches for. Refuses `pin.rollback`,
  // `pin.forked`, `pin.gap`.
  checkAndPin(kind: string, subject: string, version: number, digest: string, prev: string | null): boolean {
    const name = `${kind}/${subject}`;
    const seen = this.#state.get<VersionPin>(VERSIONS, name);
    if (seen !== undefined) {
      follow(seen, version, digest, prev);
      if (version === seen.version) return false;
    }
    const chained = prev !== null || seen?.chained === true;
    this.#state.put(VERSIONS, name, { version, digest, chained } satisfies VersionPin);
    return true;
  }

  version(kind: string, subject: string): VersionPin | undefined {
    return this.#state.get<VersionPin>(VERSIONS, `${kind}/${subject}`);
  }

  // Accepts a checkpoint as the head of the log; `since` is the pin from which consistency was proved. False: the pin
  // has moved meanwhile, prove from there. Refuses `pin.log-rollback`, `pin.log-forked`, `pin.log-unproved`.
  checkAndPinLog(size: number, root: string, since?: LogPin): boolean {
    const seen = this.logPin();
    if (seen !== undefined) {
      if (size < seen.size) refuse("pin.log-rollback");
      if (size === seen.size) return root === seen.root || refuse("pin.log-forked");
      if (since === undefined) refuse("pin.log-unproved");
      if (since.size !== seen.size || since.root !== seen.root) return false;
    }
    this.restartLog(size, root);
    return true;
  }

  logPin(): LogPin | undefined {
    return this.#state.get<LogPin>(LOG, HEAD_OF_LOG);
  }

  // Pins a checkpoint whatever was seen: after an epoch only, in which the steward says so.
  restartLog(size: number, root: string): void {
    this.#state.put(LOG, HEAD_OF_LOG, { size, root } satisfies LogPin);
  }

  // Accepts the head of the consent chain of a flow; returns whether it is newer. `seq` 0, with no D, is the empty
  // chain. Refuses `pin.status-rollback`, `pin.status-forked`, `pin.status-malformed`.
  checkAndPinHead(flow: string, seq: number, digest: string | undefined): boolean {
    if ((seq === 0) !== (digest === undefined)) refuse("pin.status-malformed");
    const seen = this.head(flow);
    if (seen !== undefined) {
      if (seq < seen.seq) refuse("pin.status-rollback");
      if (seq === seen.seq) return digest === seen.digest ? false : refuse("pin.status-forked");
    }
    this.#state.put(HEADS, flow, { seq, ...(digest === undefined ? {} : { digest }) } satisfies HeadPin);
    return true;
  }

  head(flow: string): HeadPin | undefined {
    return this.#state.get<HeadPin>(HEADS, flow);
  }

  // The consent chains that were seen, as flows.
  flows(): string[] {
    return this.#state.items(HEADS).map(([flow]) => flow);
  }
}

function follow(seen: VersionPin, version: number, digest: string, prev: string | null): void {
  if (version < seen.version) refuse("pin.rollback");
  if (version === seen.version) {
    if (digest !== seen.digest) refuse("pin.forked");
    return;
  }
  if (prev === null) {
    if (seen.chained) refuse("pin.forked");
  } else if (version > seen.version + 1) {
    refuse("pin.gap");
  } else if (prev !== seen.digest) {
    refuse("pin.forked");
  }
}
