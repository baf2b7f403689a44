// Coming in with a passkey. No session begins: the relay gives the wrapped seed, this page opens it, and believes
// nothing of whose it is before the keys in force are seen to be the ones that grow from it (docs/spec/keyring.md, The
// login).

import { fromUrl } from "../protocol/bytes.ts";
import type { LoginOpening } from "./api.ts";
import { touchToLogIn } from "./passkey.ts";
import { Phone, systemClock } from "./phone.ts";
import { RelayProblem } from "./problems.ts";
import { RelayClient } from "./relay.ts";
import { statedRpId } from "./site.ts";
import { endWait, openWayIn } from "./ways_in.ts";

// Refuses `login.*` and `keyring.nothing` of the relay's, `passkey.site`, `seed.*`, and as `Phone.family`; throws
// KeysWait for keys whose day has not come, and the browser's DOMException where nobody touched.
export async function logIn(clock: () => number = systemClock): Promise<Phone> {
  const stranger = new RelayClient(null, clock);
  const [setting, nonce] = await Promise.all([stranger.setting(), stranger.loginNonce()]);
  const { assertion, prf } = await touchToLogIn(statedRpId(setting), fromUrl(nonce, 32));
  const { credential } = assertion;
  let opening: LoginOpening;
  try {
    opening = await stranger.logIn({ nonce, assertion });
  } catch (error) {
    const unknown = error instanceof RelayProblem && ["login.refused", "keyring.nothing"].includes(error.code);
    const phone = unknown ? await endWait(credential, prf, clock) : null;
    if (phone === null) throw error;
    return phone;
  }
  const { kind, wrap, share } = opening;
  const entry = { kind, wrap, ...(share === undefined ? {} : { share }) };
  const phone = await Phone.open(opening, await openWayIn(entry, credential, prf), credential, clock);
  await phone.family().catch((error: unknown) => {
    phone.forget();
    throw error;
  });
  return phone;
}
