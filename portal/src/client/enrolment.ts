// Enrolling on the phone, steps 2 and 4 of docs/spec/enrolment.md: the keys that it shows with their tag, the words
// that two people compare, and the one record that it co-signs. The worker's side is `zegel.enrolments`.

import { openCase } from "../keys/casefile.ts";
import { equal, fromUrl } from "../protocol/bytes.ts";
import { digest, typeOf } from "../protocol/dsse.ts";
import { decode, encode } from "../protocol/encoding.ts";
import {
  type EnrolmentContext, enrolmentTag, readAddress, wordsOfEnrolment, wordsOfRecord,
} from "../protocol/enrolment.ts";
import { refuse } from "../protocol/errors.ts";
import { type ClientKey, KINDS, type Payload } from "../protocol/objects.ts";
import { exhibitsOf, type KeyringEntry } from "./api.ts";
import { forgetPasskey, makePasskey, type MadePasskey } from "./passkey.ts";
import { Phone, type Signature, systemClock } from "./phone.ts";
import { isUnknownKey } from "./problems.ts";
import { RelayClient } from "./relay.ts";
import { checkSite } from "./site.ts";
import { keepWayIn, letWait, stopWaiting, wayInFor } from "./ways_in.ts";

// Seconds that a code is good for, that the relay is asked to wait for a note, and that the record may take after it.
const LIFE = 600;
const LOOK = 5;
const PAUSE_MS = 250;
const ACCEPT = 60;

// Somebody who opened the address of a worker's code. `rulebook` is the verified one of the Huis: its code of ethics is
// read before any key is made.
export interface Arrival {
  readonly rulebook: Payload<"rulebook">;
  begin(): Promise<Enrolling>;
}

// The phone's keys are shown; `words` are to be compared with the worker's screen before `finish`.
export interface Enrolling {
  readonly words: readonly string[];
  finish(): Promise<Enrolled>;
}

// The record that was made, with its own six words. Keys that replace lost ones count from `effectiveAt` (UTC seconds):
// there is no phone before that.
export type Enrolled = { readonly words: readonly string[] } & (
  | { readonly phone: Phone; readonly effectiveAt: null }
  | { readonly phone: null; readonly effectiveAt: number }
);

type Code = ReturnType<typeof readAddress>;

// Reads the address that the page was opened with, and verifies the Huis that it names. Refuses `enrolment.code`,
// `enrolment.expired`, `passkey.site`, and whatever does not verify.
export async function openArrival(address: string, clock: () => number = systemClock): Promise<Arrival> {
  const code = readAddress(address);
  checkTime(code, clock);
  const relay = new RelayClient(null, clock);
  const { setting, trust } = await openCase(code.huis, exhibitsOf(await relay.setting()), true);
  if (clock() >= setting.directory.object.expires) refuse("directory.expired");
  checkSite(trust.rpId, trust.origins);
  return { rulebook: setting.rulebook.object, begin: () => begin(code, relay, trust.rpId, clock) };
}

function checkTime(code: Code, clock: () => number): void {
  if (clock() > code.opened + LIFE) refuse("enrolment.expired");
}

// Makes the passkey and the seed, and shows the public keys under the tag of the worker's secret.
async function begin(code: Code, relay: RelayClient, rpId: string, clock: () => number): Promise<Enrolling> {
  checkTime(code, clock);
  const made = await makePasskey(rpId);
  const seed = crypto.getRandomValues(new Uint8Array(32));
  try {
    const entry = await wayInFor(seed, made);
    const phone = await Phone.open(code, seed, made.passkey.credential, clock);
    const { sealKey } = await import("../keys/wraps.ts");
    const context: EnrolmentContext = {
      huis: code.huis, household: code.household, person: code.person, opened: code.opened, passkeys: [made.passkey],
      identity_key: phone.seed.identityKey, seal_key: (await sealKey(phone.seed.sealSeed)).text,
    };
    const secret = fromUrl(code.secret, 32);
    const tag = enrolmentTag(secret, context);
    const { passkeys, identity_key, seal_key } = context;
    await relay.leaveNote(code.mailbox, "keys", encode({ passkeys, identity_key, seal_key, tag }));
    const shown = { code, context, tag, made, entry };
    return { words: wordsOfEnrolment(secret, context), finish: () => finish(phone, relay, shown) };
  } catch (error) {
    await forgetPasskey(rpId, made.passkey.credential);
    throw error;
  }
}

interface Shown {
  readonly code: Code;
  readonly context: EnrolmentContext;
  readonly tag: string;
  readonly made: MadePasskey;
  readonly entry: KeyringEntry;
}

// Waits for the record, co-signs it if it holds exactly these keys, and comes in once the relay accepted it.
async function finish(phone: Phone, relay: RelayClient, shown: Shown): Promise<Enrolled> {
  const { code, entry } = shown;
  while (phone.clock() <= code.opened + LIFE) {
    const body = await relay.fetchNote(code.mailbox, "record", LOOK);
    if (body === null) {
      // A relay that does not wait is not asked all the time.
      await new Promise((done) => setTimeout(done, PAUSE_MS));
      continue;
    }
    const record = decode(body, KINDS["client-key"]);
    const signature = coSign(phone, shown, record);
    const words = await wordsOfRecord(digest(typeOf("client-key"), body));
    const from = record.effective_at ?? phone.clock();
    // Kept here first: from the moment at which the signature is given these may be the only keys of this person.
    const kept = await letWait(phone.seed.whole, entry, phone, from);
    if (!kept && record.effective_at !== undefined) refuse("passkey.unkept");
    await relay.leaveNote(code.mailbox, "signature", encode(signature));
    if (record.effective_at !== undefined) return { words, phone: null, effectiveAt: record.effective_at };
    await accepted(phone);
    await keepWayIn(phone, entry);
    await stopWaiting(shown.made.passkey.credential);
    return { words, phone, effectiveAt: null };
  }
  return refuse("enrolment.expired");
}

// The identity key's signature of a record, if it holds exactly the phone's own keys. Who vouches, and how they knew
// the person, is the worker's to say. Refuses `enrolment.payload`.
function coSign(phone: Phone, { context, tag }: Shown, record: ClientKey): Signature {
  const { huis, household, person, opened, passkeys, identity_key, seal_key } = context;
  const own = [huis, household, person, passkeys, identity_key, seal_key, { opened, tag }];
  const stated = [
    record.huis, record.household, record.person, record.passkeys, record.identity_key, record.seal_key,
    record.enrolment,
  ];
  if (!equal(encode(own), encode(stated))) refuse("enrolment.payload");
  return phone.sign("client-key", record);
}

// Waits until the relay knows the keys, and verifies that they are these.
async function accepted(phone: Phone): Promise<void> {
  const until = phone.clock() + ACCEPT;
  for (;;) {
    try {
      await phone.family();
      return;
    } catch (error) {
      if (!isUnknownKey(error) || phone.clock() > until) throw error;
    }
    await new Promise((done) => setTimeout(done, 1000));
  }
}
