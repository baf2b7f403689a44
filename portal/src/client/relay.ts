// What a person may ask of a relay (docs/spec/http.md), as `zegel/relay_client.py`. Trusts nothing: what comes back is
// for `view.ts` to verify.

import { type Bytes, fromUrl, fromUtf8, toUrl, utf8 } from "../protocol/bytes.ts";
import {
  Accepted, Bundle, bytesOf, DeadlinePage, Delivery, EnrolmentNote, type EvidenceQuery, HeldAnswer, type Held,
  InboxPage,
  Keyring, type KeyringEntry, KeyringOpening, LogConsistency, LoginNonce, LoginOpening, LogState, NoticePage,
  type Submission,
} from "./api.ts";
import { type Asking, Connection } from "./connection.ts";
import { RelayProblem } from "./problems.ts";
import type { Asker } from "./request_signature.ts";

const json = (value: unknown): Bytes => utf8(JSON.stringify(value));

// A passkey's answer to a login challenge; its fields as `assertion.ts` has them.
export interface LoginAnswer {
  readonly nonce: string;
  readonly assertion: unknown;
}

export class RelayClient {
  readonly #line: Connection;

  // `asker` null: somebody who has no keys yet. `origin` is the relay's public one, which is also the page's.
  constructor(asker: Asker | null, clock: () => number, origin: string = location.origin) {
    this.#line = new Connection(origin, asker, clock);
  }

  get origin(): string {
    return this.#line.origin;
  }

  // Gives the relay a signed object; returns its receipt. The same bytes twice give the same receipt.
  async submitObject(envelope: Bytes): Promise<Bytes> {
    return bytesOf((await this.#line.ask("POST", "/v1/objects", Accepted, { body: envelope })).receipt);
  }

  // Gives the relay a message; returns the sender's receipt.
  async submitMessage(message: Submission): Promise<Bytes> {
    // Envelopes stand in the body as the raw JSON that was signed.
    const body =
      `{"manifest":${fromUtf8(message.manifest)},"entries":${JSON.stringify(message.entries)},` +
      `"wraps":[${message.wraps.map(fromUtf8).join(",")}],"sections":${JSON.stringify(message.sections)}}`;
    return bytesOf((await this.#line.ask("POST", "/v1/messages", Accepted, { body: utf8(body) })).receipt);
  }

  setting(): Promise<Bundle> {
    return this.#line.ask("GET", "/v1/setting", Bundle);
  }

  evidence(query: EvidenceQuery): Promise<Bundle> {
    return this.#line.ask("POST", "/v1/evidence", Bundle, { body: json(query), signed: true });
  }

  prekeys(partner: string): Promise<Bundle> {
    return this.#read(`/v1/partners/${partner}/prekeys`, Bundle);
  }

  inbox(after: number, wait = 0): Promise<InboxPage> {
    return this.#read(`/v1/inbox?after=${after}&wait=${wait}`, InboxPage, wait);
  }

  // Has a message handed out. `reminded` is for partners only.
  deliver(manifest: string): Promise<Delivery> {
    return this.#line.ask("POST", `/v1/deliveries/${manifest}`, Delivery, { signed: true });
  }

  notices(after: number, wait = 0): Promise<NoticePage> {
    return this.#read(`/v1/notices?after=${after}&wait=${wait}`, NoticePage, wait);
  }

  requests(): Promise<Bundle> {
    return this.#read("/v1/requests", Bundle);
  }

  consents(): Promise<Bundle> {
    return this.#read("/v1/consents", Bundle);
  }

  events(manifest: string): Promise<Bundle> {
    return this.#read(`/v1/messages/${manifest}/events`, Bundle);
  }

  sentNotices(manifest: string): Promise<NoticePage> {
    return this.#read(`/v1/messages/${manifest}/notices`, NoticePage);
  }

  deadlines(): Promise<DeadlinePage> {
    return this.#read("/v1/deadlines", DeadlinePage);
  }

  async receipt(digest: string): Promise<Bytes> {
    return bytesOf((await this.#read(`/v1/receipts/${digest}`, Accepted)).receipt);
  }

  contact(person: string): Promise<Held> {
    return this.#read(`/v1/contacts/${person}`, HeldAnswer);
  }

  contactKey(): Promise<Held> {
    return this.#line.ask("GET", "/v1/contact-key", HeldAnswer);
  }

  logState(): Promise<LogState> {
    return this.#line.ask("GET", "/v1/log/checkpoint", LogState);
  }

  logConsistency(older: number, newer: number): Promise<LogConsistency> {
    return this.#line.ask("GET", `/v1/log/consistency?old=${older}&new=${newer}`, LogConsistency);
  }

  async leaveNote(mailbox: string, slot: "keys" | "signature", content: Bytes): Promise<void> {
    await this.#line.send("PUT", `/v1/enrolments/${mailbox}/${slot}`, { body: json({ content: toUrl(content) }) });
  }

  // The worker's note, or null where there is none; `wait` up to 30 seconds for it.
  async fetchNote(mailbox: string, slot: "record", wait = 0): Promise<Bytes | null> {
    try {
      const path = `/v1/enrolments/${mailbox}/${slot}?wait=${wait}`;
      const note = await this.#line.ask("GET", path, EnrolmentNote, { wait });
      return fromUrl(note.content);
    } catch (error) {
      if (error instanceof RelayProblem && error.code === "enrolment.nothing") return null;
      throw error;
    }
  }

  async putWayIn(name: string, entry: KeyringEntry): Promise<void> {
    await this.#line.send("PUT", `/v1/keyring/${name}`, { body: json(entry), signed: true });
  }

  async removeWayIn(name: string): Promise<void> {
    await this.#line.send("DELETE", `/v1/keyring/${name}`, { signed: true });
  }

  waysIn(): Promise<Keyring> {
    return this.#read("/v1/keyring", Keyring);
  }

  openByCode(name: string): Promise<KeyringOpening> {
    return this.#line.ask("GET", `/v1/keyring/codes/${name}`, KeyringOpening);
  }

  async loginNonce(): Promise<string> {
    return (await this.#line.ask("GET", "/v1/login", LoginNonce)).nonce;
  }

  logIn(login: LoginAnswer): Promise<LoginOpening> {
    return this.#line.ask("POST", "/v1/login", LoginOpening, { body: json(login) });
  }

  async upload(ct: string, body: Bytes): Promise<void> {
    await this.#line.send("PUT", `/v1/blobs/${ct}`, { body, signed: true, digest: false });
  }

  // A ciphertext. Its digest is for who opens it.
  async download(ct: string): Promise<Bytes> {
    return (await this.#line.send("GET", `/v1/blobs/${ct}`, { signed: true })).body;
  }

  // The bytes of a ciphertext from `start` to before `end`; a relay that gives no parts gives all of it.
  async downloadPart(ct: string, start: number, end: number): Promise<Bytes> {
    const { status, body } = await this.#line.send("GET", `/v1/blobs/${ct}`, { signed: true, range: [start, end - 1] });
    return status === 206 ? body : body.slice(start, end);
  }

  #read<T>(path: string, type: { readonly read: (value: unknown) => T }, wait = 0): Promise<T> {
    const asking: Asking = { signed: true, wait };
    return this.#line.ask("GET", path, type, asking);
  }
}
