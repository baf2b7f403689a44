// What this browser believes of a Huis: what the relay gives, verified up to the pinned id and never older than seen.
// As `zegel/view.py`. The relay is trusted with none of it.

import { isRecord, type RecordKind, subjectOf } from "../keys/case_records.ts";
import { type CaseFile, openCase } from "../keys/casefile.ts";
import { verifyCheckpoint } from "../keys/log.ts";
import type { Place, Seen, Signed } from "../keys/signed.ts";
import { checkReceipt, exhibit, inTurn, isDropped, originNow } from "../keys/trust.ts";
import { type Bytes, fromUrl, toUrl } from "../protocol/bytes.ts";
import { ProtocolError, refuse } from "../protocol/errors.ts";
import { EMPTY_ROOT, verifyConsistency } from "../protocol/merkle.ts";
import type { Kind } from "../protocol/objects.ts";
import { type Bundle, exhibitsOf } from "./api.ts";
import { follow, isProven, keepOwn, noteProven, owed, settleOwed } from "./epochs.ts";
import { Pins } from "./pins.ts";
import { RelayProblem } from "./problems.ts";
import type { RelayClient } from "./relay.ts";
import type { State } from "./state.ts";

// Records that count versions.
const COUNTED: readonly RecordKind[] = ["conference", "partner-rules", "procedure", "rota"];

export class View {
  readonly #huis: string;
  readonly #state: State;
  readonly #relay: RelayClient;
  readonly #pins: Pins;
  #newest: CaseFile | null = null;

  constructor(huis: string, state: State, relay: RelayClient) {
    this.#huis = huis;
    this.#state = state;
    this.#relay = relay;
    this.#pins = new Pins(state);
  }

  // The case file of a bundle, once nothing in it is forged, incomplete or older than seen. `flows` are the consent
  // chains that were asked for: read also where the relay states nothing of them. Refuses whatever verification
  // refuses, `pin.*`, `log.split`; throws LogSetBack once after the relay was restored.
  async believe(bundle: Bundle, flows: Iterable<string> = []): Promise<CaseFile> {
    const file = await openCase(this.#huis, exhibitsOf(bundle), true, flows);
    const root = file.trust.rootChain.at(-1) ?? refuse("root.missing");
    check(this.#pins, "root", "", root.object.version, root.d);
    // Before anything else is held against what was seen: the steward may say that part of that is lost.
    await follow(this.#state, file.trust.epochs, (older, newer) => this.#prove(older, newer, file));
    // All of it is pinned, or nothing: what is refused must not stand in the way of what is true.
    this.#state.transaction(() => pin(this.#pins, file));
    const shown = [...file.seen.values(), ...file.trust.epochs.map((held) => held.object.last)];
    const states = [...new Map(shown.map((seen) => [`${seen.size}/${seen.root}`, seen])).values()];
    const [largest, ...others] = states.sort((one, other) => other.size - one.size);
    if (largest !== undefined) await this.compareLog(largest, file);
    // Each, and not the largest alone: a receipt of another log would give its object another place. All at once, since
    // each is a question to the relay and the pin moves no more.
    await inTurn(others, (seen) => this.compareLog(seen, file));
    this.#newest = file;
    return file;
  }

  // The same, to act on at `now` (UTC seconds). Refuses `directory.expired`: who shows an old one may hide the new.
  async believeNow(bundle: Bundle, now: number, flows: Iterable<string> = []): Promise<CaseFile> {
    const file = await this.believe(bundle, flows);
    if (now >= file.setting.directory.object.expires) refuse("directory.expired");
    return file;
  }

  // The case file that was believed last, or the setting if there is none yet, or if `anew`.
  async latest(anew = false): Promise<CaseFile> {
    return this.#newest !== null && !anew ? this.#newest : this.believe(await this.#relay.setting());
  }

  // Gives the relay a signed object; its D and its place once the receipt holds. Whether it was accepted is unknown
  // where that refuses, and the same bytes may be given again.
  async submit(envelope: Bytes): Promise<{ d: string; place: Place; receipt: Bytes }> {
    const receipt = await this.#relay.submitObject(envelope);
    const { d } = exhibit(envelope);
    const place = await this.#placeBy(receipt, d);
    this.keepOwn(envelope, place);
    return { d, place, receipt };
  }

  async #placeBy(receipt: Bytes, d: string): Promise<Place> {
    try {
      return await this.#checkReceipt(receipt, d, await this.latest());
    } catch (error) {
      const code = error instanceof ProtocolError ? error.code : "";
      if (!code.startsWith("signature.") && code !== "log.foreign") throw error;
      // The steward may have named another relay key since, or said that the log was set back.
      return this.#checkReceipt(receipt, d, await this.latest(true));
    }
  }

  async #checkReceipt(receipt: Bytes, d: string, file: CaseFile): Promise<Place> {
    const found = await checkReceipt(receipt, d, file.trust, file.setting.directory.object.log_key);
    await this.compareLog(found.seen, file);
    return found.place;
  }

  // Keeps an object of one's own that the relay accepted, in case it loses it.
  keepOwn(envelope: Bytes, place: Place): void {
    keepOwn(this.#state, envelope, place);
  }

  // Gives the relay once more what was submitted here and what it lost when it was restored; returns their D. What is
  // not accepted any more stays lost: it was signed for a state of things that is no more.
  async offerAgain(): Promise<string[]> {
    const offered: string[] = [];
    for (const envelope of owed(this.#state)) {
      try {
        offered.push((await this.submit(envelope)).d);
      } catch (error) {
        if (!(error instanceof RelayProblem)) throw error;
      }
    }
    settleOwed(this.#state);
    return offered;
  }

  // Accepts a device's sealing keys, if they are not older than seen. Refuses `pin.rollback`, `pin.forked`.
  pinPrekeys({ object, d }: Signed<"prekeys">): void {
    check(this.#pins, "prekeys", `${object.partner}/${object.device}`, object.version, d);
  }

  // The largest log that this browser saw; of size 0 before the first.
  get seen(): Seen {
    const { size, root } = this.#pins.logPin() ?? { size: 0, root: toUrl(EMPTY_ROOT) };
    return { size, root };
  }

  // Returns if `seen`, in an object that its signer made at `madeAt`, and the log seen here are one. What somebody saw
  // before the log was set back, and what it lost, is compared with nothing.
  async compareSeen(seen: Seen, madeAt: number, file: CaseFile): Promise<void> {
    if (!isDropped(file.trust, seen, madeAt)) await this.compareLog(seen, file);
  }

  // Returns if `seen` and the largest log seen here are one log; then the larger is pinned. The relay must prove it,
  // once for each state. Refuses `log.split`: it showed two logs, or does not prove that they are one.
  async compareLog(seen: Seen, file: CaseFile): Promise<void> {
    while (seen.size > 0 && !isProven(this.#state, seen)) {
      const pinned = this.#pins.logPin();
      if (pinned !== undefined && pinned.size === seen.size && pinned.root !== seen.root) refuse("log.split");
      if (pinned !== undefined && pinned.size > 0 && pinned.size !== seen.size) {
        await (seen.size < pinned.size ? this.#prove(seen, pinned, file) : this.#prove(pinned, seen, file));
      }
      const smaller = pinned !== undefined && seen.size < pinned.size;
      if (smaller || this.#pin(seen, pinned)) noteProven(this.#state, seen);
    }
  }

  // False where something else pinned a larger log meanwhile: then this one is to be held against that.
  #pin(seen: Seen, since: ReturnType<Pins["logPin"]>): boolean {
    try {
      return this.#pins.checkAndPinLog(seen.size, seen.root, since);
    } catch (error) {
      if (error instanceof ProtocolError && ["pin.log-rollback", "pin.log-unproved"].includes(error.code)) return false;
      throw error;
    }
  }

  async #prove(older: Seen, newer: Seen, file: CaseFile): Promise<void> {
    const answer = await this.#relay.logConsistency(older.size, newer.size).catch((error: unknown) => {
      if (error instanceof RelayProblem && error.code === "log.consistency") refuse("log.split");
      throw error;
    });
    await verifyCheckpoint(answer.checkpoint, originNow(file.trust), file.setting.directory.object.log_key);
    const hashes = answer.hashes.map((hash) => fromUrl(hash, 32));
    try {
      verifyConsistency(older.size, fromUrl(older.root, 32), newer.size, fromUrl(newer.root, 32), hashes);
    } catch (error) {
      if (error instanceof ProtocolError && error.code.startsWith("log.")) refuse("log.split");
      throw error;
    }
  }
}

const check = (pins: Pins, kind: Kind | "steward-directory", subject: string, version: number, d: string): boolean =>
  pins.checkAndPin(kind, subject, version, d, null);

// Holds all that a case file shows against what was seen, and pins it. Refuses `pin.*`.
function pin(pins: Pins, file: CaseFile): void {
  const { setting, trust } = file;
  const newest = (kind: Kind, subject: string, held: Versioned | undefined): void => {
    if (held !== undefined) check(pins, kind, subject, held.object.version, held.d);
  };
  newest("root", "", trust.rootChain.at(-1));
  newest("directory", "", setting.directory);
  // A refresh is of the newest that the steward signed: else it could bring back whom the steward took out.
  const base = trust.directories.get(setting.directory.object.base ?? "") ?? setting.directory;
  check(pins, "steward-directory", "", base.object.version, base.d);
  newest("rulebook", "", setting.rulebook);
  for (const [partner, chain] of setting.memberships) newest("membership", partner, chain.at(-1));
  for (const [partner, chain] of setting.devices) newest("devices", partner, chain.at(-1));
  for (const [person, client] of file.clients) {
    newest("person", person, client.versions.at(-1));
    newest("client-key", person, client.keys.at(-1));
    if (client.keys.length === 0 && pins.version("client-key", person) !== undefined) refuse("pin.rollback");
  }
  pinRecords(pins, file);
  pinHeads(pins, file);
}

interface Versioned {
  readonly object: { readonly version: number };
  readonly d: string;
}

// The newest version of each record that counts them.
function pinRecords(pins: Pins, file: CaseFile): void {
  const newest = new Map<string, { held: Versioned; kind: RecordKind; subject: string }>();
  for (const held of file.records.items) {
    if (!COUNTED.includes(held.kind) || !("version" in held.object) || !isRecord(held.kind)) continue;
    const [kind, subject, version] = [held.kind, subjectOf(held), held.object.version];
    const name = `${kind}/${subject}`;
    if ((newest.get(name)?.held.object.version ?? 0) < version) {
      newest.set(name, { held: { object: { version }, d: held.d }, kind, subject });
    }
  }
  for (const { held, kind, subject } of newest.values()) check(pins, kind, subject, held.object.version, held.d);
}

function pinHeads(pins: Pins, file: CaseFile): void {
  // What a receipt showed to exist is pinned too, so a status that says less contradicts it later.
  for (const [flow, chain] of file.chains) pins.checkAndPinHead(flow, chain.length, chain.at(-1)?.d);
  for (const [flow, { object }] of file.statuses) {
    const chain = file.chains.get(flow) ?? [];
    const pinned = pins.head(flow);
    const shown = object.head_seq === chain.length && object.head === chain.at(-1)?.d;
    // A number without the objects behind it is not believed, so it is not pinned.
    if (shown || (pinned !== undefined && object.head_seq <= pinned.seq)) {
      pins.checkAndPinHead(flow, object.head_seq, object.head);
    }
  }
}
