// Whether this page stands where the Huis says that its page is: a passkey is of one site, and a copy of the page on
// another address must not ask for it.

import { refuse } from "../protocol/errors.ts";
import { exhibitsOf, type Bundle } from "./api.ts";
import { readPayload } from "../keys/verification.ts";

const covers = (rpId: string): boolean => location.hostname === rpId || location.hostname.endsWith(`.${rpId}`);

// Refuses `passkey.site`. `rpId` and `origins` are the directory's.
export function checkSite(rpId: string, origins: readonly string[]): void {
  if (rpId === "" || !covers(rpId) || !origins.includes(location.origin)) refuse("passkey.site");
}

// The relying party id that the newest directory of an unverified setting names: before a login nobody knows of which
// Huis somebody is. The browser lets a page ask for no passkey of another site, and a login's challenge signs nothing
// else, whatever id it is made with. Refuses `passkey.site`.
export function statedRpId(setting: Bundle): string {
  const stated = exhibitsOf(setting).filter((item) => item.kind === "directory");
  const read = stated.map((item) => readPayload(item.data, "directory").object);
  const first = read[0] ?? refuse("passkey.site");
  const newest = read.reduce((one, other) => (other.version > one.version ? other : one), first);
  return covers(newest.rp_id) ? newest.rp_id : refuse("passkey.site");
}
