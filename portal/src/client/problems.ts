// What can go wrong between this page and the relay, as errors with stable codes. The words for people are the page's.

// One reason of the rules for a no (docs/spec/refusals.md).
export interface Refusal {
  readonly code: string;
  readonly path: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly steps?: readonly unknown[];
}

// The relay said no: `code` and `status` are its own (RFC 9457); `refusals` are there when the rules said it.
export class RelayProblem extends Error {
  readonly code: string;
  readonly status: number;
  readonly detail: string;
  readonly refusals: readonly Refusal[];

  constructor(status: number, code: string, detail: string, refusals: readonly Refusal[] = []) {
    super(`${code}: ${detail}`);
    this.name = "RelayProblem";
    this.code = code;
    this.status = status;
    this.detail = detail;
    this.refusals = refusals;
  }
}

// Whether the relay knows no key in force behind a request. It says no more than that the signature is wrong: nobody
// learns from it who is enrolled.
export const isUnknownKey = (error: unknown): boolean =>
  error instanceof RelayProblem && ["http.key", "http.signature"].includes(error.code);

// The relay did not answer, or could not now. Whether it stored what was sent may be unknown: the same bytes, sent once
// more, settle it. `because` says which of the two, for who looks into it.
export class RelayUnreachable extends Error {
  readonly code = "relay.unreachable";
  readonly because: string;

  constructor(because: string) {
    super(because);
    this.name = "RelayUnreachable";
    this.because = because;
  }
}

// This device's clock is `seconds` ahead of the relay's (below zero: behind): nothing that it signs now counts.
export class ClockWrong extends Error {
  readonly code = "clock.wrong";
  readonly seconds: number;

  constructor(seconds: number) {
    super(`${seconds} seconds`);
    this.name = "ClockWrong";
    this.seconds = seconds;
  }
}

// The steward says that the log was restored from a backup, and this device had seen more of it: `seen` entries, where
// `kept` are left. Thrown once; the call that it ended may be made again.
export class LogSetBack extends Error {
  readonly code = "log.set-back";
  readonly seen: number;
  readonly kept: number;

  constructor(seen: number, kept: number) {
    super(`${kept} of ${seen} entries`);
    this.name = "LogSetBack";
    this.seen = seen;
    this.kept = kept;
  }
}

// The stable code of an error of this page, or null for a fault that nobody foresaw.
export function codeOf(error: unknown): string | null {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return typeof code === "string" ? code : null;
}
