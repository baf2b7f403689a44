// The phone while it is unlocked: whose it is, its keys in memory, the relay it asks, and what it believes of the
// answers. As `zegel_demo/phone.py`. Never here: what a consent or a notice says.

import { batchChallenge, KEYID } from "../keys/assertion.ts";
import { type CaseFile, flowOf, readFlow } from "../keys/casefile.ts";
import { identityOf, sealSeedOf } from "../keys/client_seed.ts";
import { publicOf, sign } from "../keys/ed25519.ts";
import type { Client } from "../keys/evidence.ts";
import type { Place, Signed } from "../keys/signed.ts";
import { whoSigns } from "../protocol/age.ts";
import { type Bytes, fromUrl, toStandard, toUrl } from "../protocol/bytes.ts";
import { digest, pae, sealEnvelope, typeOf } from "../protocol/dsse.ts";
import { encode } from "../protocol/encoding.ts";
import { refuse } from "../protocol/errors.ts";
import { type Kind, KINDS, type Objection, type Payload } from "../protocol/objects.ts";
import type { Bundle } from "./api.ts";
import { assertOver } from "./passkey.ts";
import { Pins } from "./pins.ts";
import { LogSetBack } from "./problems.ts";
import { RelayClient } from "./relay.ts";
import { checkSite } from "./site.ts";
import { State } from "./state.ts";
import { View } from "./view.ts";

// Whose phone: the pinned id of the Huis, and the ids of household and person.
export interface Whose {
  readonly huis: string;
  readonly household: string;
  readonly person: string;
}

// What is verified of the phone's own person, and of the children for whom they may say yes now.
export interface Family {
  readonly file: CaseFile;
  readonly me: Client;
  readonly key: Signed<"client-key">;
  readonly children: readonly string[];
}

// What grows from the seed, and the seed itself (`whole`, 32 bytes). `identityKey` is the public half, base64url text.
export interface Seed {
  readonly whole: Bytes;
  readonly identitySeed: Bytes;
  readonly identityKey: string;
  readonly sealSeed: Bytes;
}

export interface Signature {
  readonly keyid: string;
  readonly sig: string;
}

export const grown = (whole: Bytes): Seed => {
  const identitySeed = identityOf(whole);
  return { whole, identitySeed, identityKey: toUrl(publicOf(identitySeed)), sealSeed: sealSeedOf(whole) };
};

export const systemClock = (): number => Math.floor(Date.now() / 1000);

export class Phone implements Whose {
  readonly huis: string;
  readonly household: string;
  readonly person: string;
  readonly seed: Seed;
  readonly relay: RelayClient;
  readonly view: View;
  readonly pins: Pins;
  readonly clock: () => number;
  readonly origin: string;
  readonly state: State;
  // The receipts of what was submitted, and the objections of this person that stand, by `D`.
  readonly kept = new Map<string, Bytes>();
  readonly objections = new Map<string, Objection>();
  // This device's own passkey; null where none is known, as after coming in with the printed code.
  credential: string | null;
  #family: Family | null = null;

  private constructor(whose: Whose, seed: Seed, state: State, credential: string | null, clock: () => number) {
    this.huis = whose.huis;
    this.household = whose.household;
    this.person = whose.person;
    this.seed = seed;
    this.clock = clock;
    this.credential = credential;
    this.origin = location.origin;
    this.state = state;
    this.relay = new RelayClient({ person: whose.person, identitySeed: seed.identitySeed }, clock, this.origin);
    this.pins = new Pins(state);
    this.view = new View(whose.huis, state, this.relay);
  }

  // A phone with the seed of 32 bytes that was opened. Nothing is asked of the relay yet: `family` says whether its
  // keys are the ones in force. Refuses `huis.foreign`.
  static async open(
    whose: Whose, whole: Bytes, credential: string | null, clock: () => number = systemClock,
  ): Promise<Phone> {
    const state = await State.open(whole);
    // A seed is of one Huis for ever: a relay that states another is not the one that it was used with.
    const known = state.get<{ readonly huis: string }>("whose", "huis");
    if (known !== undefined && known.huis !== whose.huis) refuse("huis.foreign");
    return new Phone(whose, grown(whole), state, credential, clock);
  }

  // The relying party id that the directory names. Refuses `client-key.missing` before the first `family`.
  get rpId(): string {
    return this.#family?.file.trust.rpId ?? refuse("client-key.missing");
  }

  // A bundle's case file; `flows` are the consent chains that were asked for. Refuses whatever does not verify,
  // `pin.*`, `log.split`, and `directory.expired`, because a relay that shows an old directory may be hiding what is in
  // the new one.
  async believe(bundle: Bundle, flows: Iterable<string> = []): Promise<CaseFile> {
    try {
      return await this.view.believeNow(bundle, this.clock(), flows);
    } catch (error) {
      // What this phone signed and the relay lost is given to it again, before people are told.
      if (error instanceof LogSetBack) await this.view.offerAgain();
      throw error;
    }
  }

  // Every yes and stop about this person and the children they are told for. Refuses `status.missing` when a chain that
  // was seen before is left out, and as `believe`.
  async consents(): Promise<CaseFile> {
    const file = await this.believe(await this.relay.consents());
    for (const flow of this.pins.flows()) {
      if (file.statuses.has(flow) || (this.pins.head(flow)?.seq ?? 0) === 0) continue;
      const [about] = readFlow(flow);
      const client = file.clients.get(about);
      if (about === this.person || client?.current.authority.includes(this.person)) refuse("status.missing");
    }
    return file;
  }

  // What is known of this person and the children in their authority. Refuses `person.unknown`, `client-key.missing`,
  // `client-key.foreign` (the key in force is not this phone's: somebody put another in its place, attack 26),
  // `passkey.site`, and what `believe` refuses.
  async family(): Promise<Family> {
    const file = await this.believe(await this.relay.requests());
    const me = file.clients.get(this.person);
    if (me === undefined || me.current.household !== this.household) return refuse("person.unknown");
    const now = this.clock();
    const key = me.keyNow(now) ?? refuse("client-key.missing");
    const { credential } = this;
    const listed = credential === null || key.object.passkeys.some((passkey) => passkey.credential === credential);
    if (key.object.identity_key !== this.seed.identityKey || !listed) refuse("client-key.foreign");
    checkSite(file.trust.rpId, file.trust.origins);
    this.state.put("whose", "huis", { huis: this.huis });
    const children = [...file.clients].filter(([, client]) => speaksForChild(client.current, this.person, now));
    this.#family = { file, me, key, children: children.map(([person]) => person).sort() };
    return this.#family;
  }

  // The pair of the seal key in force, once it is the one that grows from the seed. Loads HPKE. Refuses
  // `client-key.foreign`, and as `family`.
  async sealKey(): Promise<{ pair: CryptoKeyPair; text: string; digest: string }> {
    const { sealKey } = await import("../keys/wraps.ts");
    const own = await sealKey(this.seed.sealSeed);
    const { key } = this.#family ?? (await this.family());
    return key.object.seal_key === own.text ? own : refuse("client-key.foreign");
  }

  // Gives the relay a signed object, checks the receipt and keeps it; its place in the log. Throws RelayProblem,
  // RelayUnreachable; refuses a receipt that does not hold.
  async submit<K extends Kind>(
    kind: K, object: Payload<K>, signatures: readonly Signature[],
  ): Promise<Place> {
    const { d, place, receipt } = await this.view.submit(sealEnvelope(typeOf(kind), bodyOf(kind, object), signatures));
    this.kept.set(d, receipt);
    return place;
  }

  // Signs an object with the identity key, which asks for no touch, and submits it.
  async say<K extends Kind>(kind: K, object: Payload<K>): Promise<{ d: string; place: Place }> {
    const place = await this.submit(kind, object, [this.sign(kind, object)]);
    return { d: digest(typeOf(kind), bodyOf(kind, object)), place };
  }

  // The identity key's signature of an object.
  sign<K extends Kind>(kind: K, object: Payload<K>): Signature {
    const sig = sign(this.seed.identitySeed, pae(typeOf(kind), bodyOf(kind, object)));
    return { keyid: this.seed.identityKey, sig: toStandard(sig) };
  }

  // Has the person touch a passkey over an object's `D`, or over up to 32 at once; the one signature stands in the
  // envelope of each. Refuses `assertion.batch`; throws the browser's DOMException where nobody touched.
  async touch(digests: readonly string[]): Promise<Signature> {
    const { key, file } = this.#family ?? (await this.family());
    const [first] = digests;
    const alone = digests.length === 1 && first !== undefined;
    const challenge = alone ? fromUrl(first, 32) : batchChallenge([...digests]);
    const { rpId, origins } = file.trust;
    const assertion = await assertOver(challenge, alone ? [] : digests, key.object.passkeys, { rpId, origins });
    return { keyid: `${KEYID}${assertion.credential}`, sig: toStandard(encode(assertion)) };
  }

  // Pins the head of a consent chain that was submitted here, so that a relay that later leaves it out is noticed.
  async keepHead(person: string, from: string, to: string, seq: number, d: string): Promise<void> {
    this.pins.checkAndPinHead(flowOf(person, from, to), seq, d);
  }

  // Overwrites the secrets, as far as a page can: at locking.
  forget(): void {
    for (const secret of [this.seed.whole, this.seed.identitySeed, this.seed.sealSeed]) secret.fill(0);
  }
}

// The fields in the order of the wire, whatever order they were written in.
function bodyOf<K extends Kind>(kind: K, object: Payload<K>): Bytes {
  return encode(KINDS[kind].read(object));
}

// Whether `holder` may say yes for a person at `at`: a child under 12 in their authority, or turned round by a
// rebuttal. Deciding has the last word; this is what a phone offers.
export const speaksForChild = (person: Payload<"person">, holder: string, at: number): boolean =>
  person.person !== holder && whoSigns(person, at).has(holder);
