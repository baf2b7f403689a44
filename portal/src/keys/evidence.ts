// What is verified of a person and of the Huis, with the questions that are asked of it: as `Client` and `Setting` of
// zegel_protocol/evidence.py. Nothing is verified here.

import type { Payload } from "../protocol/objects.ts";
import { inForce } from "./client_keys.ts";
import { after, type Place, type Signed } from "./signed.ts";

type Chain<K extends "person" | "client-key" | "membership" | "devices"> = readonly Signed<K>[];

const later = (held: Signed, place: Place | null): boolean =>
  place !== null && held.place !== null && held.place.index > place.index;

// What is known of one person: each chain oldest first, and who vouched for each of their keys.
export class Client {
  readonly versions: Chain<"person">;
  readonly keys: Chain<"client-key">;
  readonly vouches: readonly Signed<"vouch">[];

  constructor(versions: Chain<"person">, keys: Chain<"client-key"> = [], vouches: readonly Signed<"vouch">[] = []) {
    if (versions.length === 0) throw new RangeError("a client has a first version");
    this.versions = versions;
    this.keys = keys;
    this.vouches = vouches;
  }

  // The newest version of the person.
  get current(): Payload<"person"> {
    return last(this.versions).object;
  }

  // The version that counted at a place; before the first, the first.
  versionAt(place: Place | null): Payload<"person"> {
    const first = this.versions.findIndex((held) => later(held, place));
    return last(first < 0 ? this.versions : this.versions.slice(0, Math.max(first, 1))).object;
  }

  // The key that counted at a place; at null the newest that needs no time to count.
  keyAt(place: Place | null): Signed<"client-key"> | undefined {
    return inForce(this.keys, this.vouches, place).counts;
  }

  keyNow(now: number): Signed<"client-key"> | undefined {
    return this.keyAt(after(now));
  }

  // The replacement of lost keys that waits.
  waitingNow(now: number): Signed<"client-key"> | undefined {
    return inForce(this.keys, this.vouches, after(now)).waits;
  }

  // The partners whose workers vouched for the keys of this record, in whichever record they stood.
  vouchers(key: Signed<"client-key">): Set<string> {
    const same = this.keys.filter((held) => sameKeys(held.object, key.object));
    const names = new Set((same.length > 0 ? same : [key]).map((held) => held.d));
    const signed = (same.length > 0 ? same : [key]).flatMap((held) => held.signers.map((signer) => signer.partner));
    const vouched = this.vouches.filter((held) => names.has(held.object.client_key)).map((held) => held.object.partner);
    return new Set([...signed, ...vouched].filter((partner) => partner !== undefined));
  }
}

function last<T>(items: readonly T[]): T {
  const found = items.at(-1);
  if (found === undefined) throw new RangeError("nothing in it");
  return found;
}

export const sameKeys = (one: Payload<"client-key">, other: Payload<"client-key">): boolean =>
  one.identity_key === other.identity_key &&
  one.seal_key === other.seal_key &&
  JSON.stringify(one.passkeys) === JSON.stringify(other.passkeys);

// What is in force in the Huis: the directory, its rulebook, members and device lists, each as its whole chain.
export class Setting {
  readonly directory: Signed<"directory">;
  readonly rulebook: Signed<"rulebook">;
  readonly memberships: ReadonlyMap<string, Chain<"membership">>;
  readonly devices: ReadonlyMap<string, Chain<"devices">>;

  constructor(
    directory: Signed<"directory">, rulebook: Signed<"rulebook">, memberships: ReadonlyMap<string, Chain<"membership">>,
    devices: ReadonlyMap<string, Chain<"devices">>,
  ) {
    this.directory = directory;
    this.rulebook = rulebook;
    this.memberships = memberships;
    this.devices = devices;
  }

  // The membership in force for a partner, or undefined where the directory lists none.
  member(partner: string | undefined): Payload<"membership"> | undefined {
    return this.#chain(partner).at(-1)?.object;
  }

  // The membership that counted at a place (null: the newest): one renewed later began later.
  memberAt(partner: string | undefined, place: Place | null): Payload<"membership"> | undefined {
    let counted: Payload<"membership"> | undefined;
    for (const held of this.#chain(partner)) {
      if (counted !== undefined && later(held, place)) break;
      counted = held.object;
    }
    return counted;
  }

  // The duty that a partner's people are under, by its membership or by its sector: the weaker word counts.
  secrecy(member: Payload<"membership">): Payload<"membership">["secrecy"] {
    const bySector = this.rulebook.object.sectors.find((rule) => rule.id === member.sector)?.secrecy ?? member.secrecy;
    const weaker = ["penal", "office", "pledge"];
    return weaker.indexOf(bySector) > weaker.indexOf(member.secrecy) ? bySector : member.secrecy;
  }

  // Every name that the partner has had, newest first: an old consent shows the name of its day.
  names(partner: string | undefined): string[] {
    return [...new Set(this.#chain(partner).map((held) => held.object.name).reverse())];
  }

  // The name that each partner has now, by its id.
  namesNow(): Map<string, string> {
    return new Map([...this.memberships.keys()].map((partner) => [partner, this.names(partner)[0] ?? partner]));
  }

  // The partner's device list that counted at a place (null: the newest).
  listAt(partner: string, place: Place | null): Payload<"devices"> | undefined {
    const chain = this.devices.get(partner) ?? [];
    const first = chain.findIndex((held) => later(held, place));
    return (first < 0 ? chain : chain.slice(0, first)).at(-1)?.object;
  }

  // A device is judged at an object's place in the log, never by a time that its holder wrote.
  deviceAt(partner: string, device: string, place: Place | null): Payload<"devices">["devices"][number] | undefined {
    return this.listAt(partner, place)?.devices.find((item) => item.device === device);
  }

  #chain(partner: string | undefined): Chain<"membership"> {
    return this.memberships.get(partner ?? "") ?? [];
  }
}
