// Proofs of the log's tree (RFC 9162, sections 2.1.3.2 and 2.1.4.2). Positions reach 2^53, so they are BigInts.

import { type Bytes, equal, sha256 } from "./bytes.ts";
import { refuse } from "./errors.ts";
import { MAX_INTEGER } from "./struct.ts";

export const EMPTY_ROOT = sha256(new Uint8Array());

export const leafHash = (leaf: Uint8Array): Bytes => sha256(Uint8Array.of(0), leaf);
const nodeHash = (left: Uint8Array, right: Uint8Array): Bytes => sha256(Uint8Array.of(1), left, right);

function checkHashes(...hashes: readonly Uint8Array[]): void {
  if (hashes.some((hash) => hash.length !== 32)) refuse("log.malformed");
}

function checkSize(size: number): void {
  if (!Number.isInteger(size) || size < 0 || size > MAX_INTEGER) refuse("log.malformed");
}

// Refuses `log.inclusion`, `log.malformed`.
export function verifyInclusion(
  leaf: Bytes, index: number, size: number, proof: readonly Bytes[], root: Bytes,
): void {
  checkHashes(leaf, root, ...proof);
  checkSize(size);
  if (!(index >= 0 && index < size)) refuse("log.inclusion");
  let [place, last] = [BigInt(index), BigInt(size) - 1n];
  let node = leaf;
  for (const sibling of proof) {
    if (last === 0n) refuse("log.inclusion");
    if (place & 1n || place === last) {
      node = nodeHash(sibling, node);
      while (place !== 0n && !(place & 1n)) [place, last] = [place >> 1n, last >> 1n];
    } else {
      node = nodeHash(node, sibling);
    }
    [place, last] = [place >> 1n, last >> 1n];
  }
  if (last !== 0n || !equal(node, root)) refuse("log.inclusion");
}

// Refuses `log.consistency`, `log.malformed`.
export function verifyConsistency(
  size1: number, root1: Bytes, size2: number, root2: Bytes, proof: readonly Bytes[],
): void {
  checkHashes(root1, root2, ...proof);
  checkSize(size1);
  checkSize(size2);
  if (size1 > size2) refuse("log.consistency");
  if (size1 === 0 || size1 === size2) {
    const expected = size1 === 0 ? EMPTY_ROOT : root2;
    if (proof.length > 0 || !equal(root1, expected) || (size2 === 0 && !equal(root2, EMPTY_ROOT))) {
      refuse("log.consistency");
    }
    return;
  }
  let [place, last] = [BigInt(size1) - 1n, BigInt(size2) - 1n];
  const powerOfTwo = ((place + 1n) & place) === 0n;
  const [first, ...path] = powerOfTwo ? [root1, ...proof] : proof;
  if (first === undefined) return refuse("log.consistency");
  while (place & 1n) [place, last] = [place >> 1n, last >> 1n];
  let [before, after] = [first, first];
  for (const sibling of path) {
    if (last === 0n) refuse("log.consistency");
    if (place & 1n || place === last) {
      [before, after] = [nodeHash(sibling, before), nodeHash(sibling, after)];
      while (place !== 0n && !(place & 1n)) [place, last] = [place >> 1n, last >> 1n];
    } else {
      after = nodeHash(after, sibling);
    }
    [place, last] = [place >> 1n, last >> 1n];
  }
  if (last !== 0n || !equal(before, root1) || !equal(after, root2)) refuse("log.consistency");
}
