// The printed code: made on an unlocked phone, typed on a new one (docs/spec/keyring.md). There is one at a time: a new
// one ends the paper before. It is also how a second device comes in.

import { newRecoveryCode, recoveryName, underCode, wrapUnderCode } from "../keys/client_seed.ts";
import { fromUrl, toUrl } from "../protocol/bytes.ts";
import { Phone, systemClock } from "./phone.ts";
import { RelayClient } from "./relay.ts";

// Keeps the seed under a new code, in the place of the code before; the code as it is printed.
export async function makeCode(phone: Phone): Promise<string> {
  const code = newRecoveryCode();
  const wrap = toUrl(await wrapUnderCode(phone.seed.whole, code));
  await phone.relay.putWayIn(recoveryName(code), { kind: "code", wrap });
  return code;
}

// Comes in with a code as it was typed. This device has no passkey then: `devices.addPasskey` makes one. Refuses
// `recovery-code.malformed`, `keyring.unknown` of the relay's, `seed.unopenable`, and as `Phone.family`.
export async function comeInWithCode(typed: string, clock: () => number = systemClock): Promise<Phone> {
  const opening = await new RelayClient(null, clock).openByCode(recoveryName(typed));
  const phone = await Phone.open(opening, await underCode(fromUrl(opening.wrap), typed), null, clock);
  await phone.family().catch((error: unknown) => {
    phone.forget();
    throw error;
  });
  return phone;
}
