// The client of the page without its views, for tests that drive it function by function. Never shipped.

import {
  addPasskey, keepKeys, listPasskeys, removePasskey, waitingKeys,
} from "../../../portal/src/client/devices.ts";
import { type Enrolling, openArrival } from "../../../portal/src/client/enrolment.ts";
import { logIn } from "../../../portal/src/client/login.ts";
import type { Phone } from "../../../portal/src/client/phone.ts";
import { signRequest } from "../../../portal/src/client/request_signature.ts";
import { comeInWithCode, makeCode } from "../../../portal/src/client/recovery.ts";

let held: Phone | null = null;
let enrolling: Enrolling | null = null;

function phone(): Phone {
  if (held === null) throw new Error("nobody came in");
  return held;
}

async function enter(opened: Phone): Promise<string> {
  held = opened;
  await opened.state.settled();
  return opened.person;
}

const functions = {
  begin: async (address: string) => {
    enrolling = await (await openArrival(address)).begin();
    return enrolling.words;
  },
  finish: async () => {
    const done = await enrolling?.finish();
    if (done?.phone) await enter(done.phone);
    return { words: done?.words, effective_at: done?.effectiveAt };
  },
  logIn: async () => enter(await logIn()),
  comeIn: async (code: string) => enter(await comeInWithCode(code)),
  makeCode: () => makeCode(phone()),
  family: async () => {
    const { me, children } = await phone().family();
    await phone().sealKey();
    await phone().state.settled();
    return { versions: me.versions.length, keys: me.keys.length, children };
  },
  consents: async () => (await phone().consents()).chains.size,
  touch: (digests: string[]) => phone().touch(digests),
  addPasskey: () => addPasskey(phone()),
  removePasskey: (credential: string) => removePasskey(phone(), credential),
  passkeys: () => listPasskeys(phone()),
  waiting: () => waitingKeys(phone()),
  keepKeys: () => keepKeys(phone()),
  signed: ({ method, path, body, now }: { method: string; path: string; body: string; now: number }) => {
    const { person, seed } = phone();
    const asker = { person, identitySeed: seed.identitySeed };
    const bytes = body === "" ? undefined : new TextEncoder().encode(body);
    return signRequest(method, `${location.origin}${path}`, asker, now, bytes);
  },
  believeIn: async (seconds: number) => {
    const { view, relay, clock } = phone();
    return (await view.believeNow(await relay.setting(), clock() + seconds)).setting.memberships.size;
  },
  seen: () => phone().view.seen,
};

Object.assign(globalThis, { client: { functions } });
