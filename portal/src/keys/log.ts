// Checkpoints and proofs as text (docs/spec/log.md): parsed, written again, and refused if the two differ.

import { type Bytes, equal, fromStandard, fromUrl, sha256, toStandard, utf8 } from "../protocol/bytes.ts";
import { refuse } from "../protocol/errors.ts";
import { leafHash, verifyInclusion } from "../protocol/merkle.ts";
import { holds } from "./ed25519.ts";

const NAME = /^[!-*,-~]{1,200}$/;
const NUMBER = /^(?:0|[1-9][0-9]{0,15})$/;
const malformed = (): never => refuse("log.malformed");

export const originOf = (huis: string, epoch = 0): string => (epoch === 0 ? `zegel/${huis}` : `zegel/${huis}/${epoch}`);

export const keyId = (name: string, key: string): Bytes =>
  sha256(utf8(`${name}\n`), Uint8Array.of(1), fromUrl(key, 32)).subarray(0, 4);

function name(written = ""): string {
  return NAME.test(written) ? written : malformed();
}

function number(written = ""): number {
  const value = NUMBER.test(written) ? Number(written) : NaN;
  return Number.isSafeInteger(value) ? value : malformed();
}

function bytes(written = "", size: number | null = null): Bytes {
  const data = fromStandard(written, "log.malformed");
  return size !== null && data.length !== size ? malformed() : data;
}

// A state of the log that was signed: its origin, its number of entries, its root, and whose signatures it has.
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Bytes;
  readonly signatures: readonly { readonly name: string; readonly data: Bytes }[];
}

// That an entry stands at `index` in the tree of a checkpoint, by the hashes beside its path.
export interface Proof {
  readonly index: number;
  readonly hashes: readonly Bytes[];
  readonly checkpoint: Checkpoint;
}

const bodyOf = ({ origin, size, root }: Pick<Checkpoint, "origin" | "size" | "root">): string =>
  `${origin}\n${size}\n${toStandard(root)}\n`;

const formatCheckpoint = (head: Checkpoint): string =>
  `${bodyOf(head)}\n${head.signatures.map((line) => `— ${line.name} ${toStandard(line.data)}\n`).join("")}`;

// Refuses `log.malformed`.
export function parseCheckpoint(source: string): Checkpoint {
  const lines = [...source].length <= 12 * 1024 ? source.split("\n") : [];
  if (lines.length < 6 || lines.length > 21 || lines[3] !== "" || lines.at(-1) !== "") malformed();
  const signatures = lines.slice(4, -1).map((line) => {
    const parts = line.split(" ");
    if (parts.length !== 3 || parts[0] !== "—") malformed();
    const data = bytes(parts[2]);
    if (data.length <= 4) malformed();
    return { name: name(parts[1]), data };
  });
  const head = { origin: name(lines[0]), size: number(lines[1]), root: bytes(lines[2], 32), signatures };
  if (formatCheckpoint(head) !== source) malformed();
  return head;
}

async function signed(head: Checkpoint, origin: string, key: string): Promise<Checkpoint> {
  if (head.origin !== origin) refuse("log.foreign");
  const id = keyId(origin, key);
  const by = (line: Checkpoint["signatures"][number]): boolean =>
    line.name === origin && equal(line.data.subarray(0, 4), id);
  const [own, ...more] = head.signatures.filter(by);
  if (own === undefined || more.length > 0 || own.data.length !== 68) return refuse("log.signature");
  if (!(await holds(fromUrl(key, 32), utf8(bodyOf(head)), own.data.slice(4)))) refuse("log.signature");
  return head;
}

export const verifyCheckpoint = (source: string, origin: string, key: string): Promise<Checkpoint> =>
  signed(parseCheckpoint(source), origin, key);

// Refuses `log.malformed`.
export function parseProof(source: string): Proof {
  const gap = [...source].length <= 16 * 1024 ? source.indexOf("\n\n") : -1;
  if (gap < 0) malformed();
  const lines = source.slice(0, gap).split("\n");
  if (lines.length < 2 || lines.length > 55 || lines[0] !== "c2sp.org/tlog-proof@v1") malformed();
  const [, written = ""] = lines;
  if (!written.startsWith("index ")) malformed();
  const index = number(written.slice("index ".length));
  const hashes = lines.slice(2).map((line) => bytes(line, 32));
  const rest = source.slice(gap + 2);
  return { index, hashes, checkpoint: parseCheckpoint(rest) };
}

// Refuses `log.malformed`, `log.foreign`, `log.signature`, `log.inclusion`. `key` is base64url text.
export async function verifyProof(
  source: string, leaf: Bytes, origin: string, key: string,
): Promise<{ index: number; checkpoint: Checkpoint }> {
  const proof = parseProof(source);
  const head = await signed(proof.checkpoint, origin, key);
  verifyInclusion(leafHash(leaf), proof.index, head.size, proof.hashes, head.root);
  return { index: proof.index, checkpoint: head };
}
