// One request and its answer: signed where somebody asks, bounded in time and size, tried again where that is safe.
// Every address here takes the same bytes twice: a read reads again, and what was stored is not stored again.

import { type Bytes, fromUtf8 } from "../protocol/bytes.ts";
import { ProtocolError } from "../protocol/errors.ts";
import type { Type } from "../protocol/struct.ts";
import { LogState, ProblemAnswer } from "./api.ts";
import { ClockWrong, type Refusal, RelayProblem, RelayUnreachable } from "./problems.ts";
import { type Asker, signRequest } from "./request_signature.ts";

const TIMEOUT = 30;
const ATTEMPTS = 3;
const LONGEST_PAUSE = 4;
// Bytes of one answer at most: a section of a message, or a bundle of evidence.
const MAX_ANSWER = 64 * 1024 * 1024;
// Seconds that this clock may differ from the relay's.
const CLOCK_LEEWAY = 300;

export interface Asking {
  readonly body?: Bytes;
  // Signed by the asker; `digest` false for an upload, whose address binds its bytes.
  readonly signed?: boolean;
  readonly digest?: boolean;
  // The first and the last byte of a part of a ciphertext.
  readonly range?: readonly [number, number];
  // Seconds that the relay may wait before it answers.
  readonly wait?: number;
}

export interface Answer {
  readonly status: number;
  readonly body: Bytes;
}

const pause = (seconds: number): Promise<void> => new Promise((done) => setTimeout(done, seconds * 1000));

export class Connection {
  readonly origin: string;
  readonly clock: () => number;
  readonly asker: Asker | null;

  constructor(origin: string, asker: Asker | null, clock: () => number) {
    this.origin = origin.replace(/\/$/, "");
    this.asker = asker;
    this.clock = clock;
  }

  // Throws RelayProblem, RelayUnreachable, ClockWrong.
  async ask<T>(method: string, path: string, type: Type<T>, asking: Asking = {}): Promise<T> {
    const { body } = await this.send(method, path, asking);
    try {
      return type.read(JSON.parse(fromUtf8(body)));
    } catch (error) {
      if (error instanceof ProtocolError || error instanceof SyntaxError || error instanceof TypeError) {
        throw unreadable(200);
      }
      throw error;
    }
  }

  async send(method: string, path: string, asking: Asking = {}): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#once(method, path, asking);
      } catch (error) {
        const seconds = error instanceof Busy ? error.after : attempt;
        if (!(error instanceof RelayUnreachable) || attempt === ATTEMPTS || seconds > LONGEST_PAUSE) throw error;
        await pause(seconds);
      }
    }
  }

  async #once(method: string, path: string, asking: Asking): Promise<Answer> {
    const { body, signed = false, digest = true, range, wait = 0 } = asking;
    const url = `${this.origin}${path}`;
    const headers: Record<string, string> = {};
    if (body !== undefined) headers["Content-Type"] = digest ? "application/json" : "application/octet-stream";
    if (range !== undefined) headers["Range"] = `bytes=${range[0]}-${range[1]}`;
    if (signed) {
      if (this.asker === null) throw new RelayProblem(401, "http.unsigned", "");
      Object.assign(headers, signRequest(method, url, this.asker, this.clock(), digest ? body : undefined));
    }
    const ending = new AbortController();
    const timer = setTimeout(() => ending.abort(), (TIMEOUT + wait) * 1000);
    let answer: Answer;
    let after: number;
    try {
      const response = await fetch(url, {
        method, headers, body: body ?? null, signal: ending.signal, cache: "no-store", credentials: "omit",
        mode: "same-origin", redirect: "error", referrerPolicy: "no-referrer",
      });
      answer = { status: response.status, body: await read(response) };
      after = Number(response.headers.get("Retry-After") ?? "1");
    } catch (error) {
      // `fetch` has one error for every way not to arrive; a stopped one is a DOMException.
      if (error instanceof TypeError || error instanceof DOMException) throw new RelayUnreachable("no answer");
      throw error;
    } finally {
      clearTimeout(timer);
    }
    if (answer.status >= 400) await this.#fail(answer, after);
    return answer;
  }

  async #fail({ status, body }: Answer, after: number): Promise<never> {
    let problem: ReturnType<(typeof ProblemAnswer)["read"]>;
    try {
      problem = ProblemAnswer.read(JSON.parse(fromUtf8(body)));
    } catch {
      throw unreadable(status);
    }
    if (problem.code === "http.time") await this.checkClock();
    // Neither is a no to what was asked.
    if (status >= 500 || status === 429) {
      throw new Busy(problem.code, Number.isFinite(after) ? after : LONGEST_PAUSE + 1);
    }
    const refusals = (problem.refusals ?? []) as unknown as readonly Refusal[];
    throw new RelayProblem(status, problem.code, problem.detail, refusals);
  }

  // Throws ClockWrong where this device's clock and the relay's are too far apart.
  async checkClock(): Promise<void> {
    const { now } = await this.ask("GET", "/v1/log/checkpoint", LogState);
    const ahead = this.clock() - now;
    if (Math.abs(ahead) > CLOCK_LEEWAY) throw new ClockWrong(ahead);
  }
}

class Busy extends RelayUnreachable {
  readonly after: number;

  constructor(code: string, after: number) {
    super(code);
    this.after = after;
  }
}

// What answered is not the relay, or not all of it: a proxy, or the page of a guest network.
const unreadable = (status: number): RelayUnreachable => new RelayUnreachable(`no relay's answer (${status})`);

async function read(response: Response): Promise<Bytes> {
  if (response.body === null) return new Uint8Array();
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > MAX_ANSWER) {
      await reader.cancel();
      throw new RelayUnreachable("an answer larger than any that is true");
    }
    parts.push(value);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
