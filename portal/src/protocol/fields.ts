// The types of single fields (docs/spec/encoding.md).

import { integer, MAX_INTEGER, text, type Type } from "./struct.ts";

// What the last letter may be by how many bits stand in it: the others are zero, so that one value has one spelling.
const LAST: Readonly<Record<number, string>> = { 0: "", 2: "[AQgw]", 4: "[AEIMQUYcgkosw048]" };

function binary(size: number): Type<string> {
  const letters = Math.floor((size * 8) / 6);
  const last = LAST[(size * 8) % 6];
  return text(new RegExp(`^[A-Za-z0-9_-]{${letters}}${last}$`));
}

const slug = (most: number) => text(/^[a-z0-9]+(?:[.-][a-z0-9]+)*$/, 0, most);

export const Nonce = binary(16);
export const Digest = binary(32);
export const Key32 = binary(32);
export const Sig64 = binary(64);
export const SealKey = binary(1216);
export const SealedContact = binary(320);
export const Binary = text(/^[A-Za-z0-9_-]*$/, 0, 8192);
export const Time = integer(0, 253_402_300_799);
export const Month = text(/^[0-9]{4}-(?:0[1-9]|1[0-2])$/);
export const Date = text(/^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$/);
export const Size = integer(0, MAX_INTEGER);
export const Count = integer(0, MAX_INTEGER);
export const Random128 = text(/^[0-9a-f]{32}$/);
export const Uuid7 = text(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
export const PartnerId = slug(64);
export const Term = slug(48);
export const Language = text(/^[a-z]{2,3}$/);
export const Media = text(/^[a-z0-9]+\/[a-z0-9][a-z0-9.+-]*$/, 0, 100);
export const Name = text(null, 1, 120);
export const Phone = text(/^[0-9+][0-9 ]{1,19}$/, 0, 20);
export const Url = text(/^https?:\/\/[a-z0-9.-]+(?::[0-9]{1,5})?$/, 0, 200);
export const Host = text(/^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/, 0, 253);
export const ProofText = text(null, 1, 16384);
export const AnyText = text(null);
