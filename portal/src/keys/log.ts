// Checkpoints and proofs as text (docs/spec/log.md): parsed, written again, and refused if the two differ.

import { equal, fromStandard, fromUrl, sha256, toStandard, utf8 } from "../protocol/bytes.ts";
import { holds } from "./ed25519.ts";
import { refuse } from "../protocol/errors.ts";
import { leafHash, verifyInclusion } from "../protocol/merkle.ts";

const NAME = /^[!-*,-~]{1,200}$/;
const NUMBER = /^(?:0|[1-9][0-9]{0,15})$/;
const malformed = () => refuse("log.malformed");

export const originOf = (huis, epoch = 0) => (epoch === 0 ? `zegel/${huis}` : `zegel/${huis}/${epoch}`);

export const keyId = (name, key) =>
  sha256(utf8(`${name}\n`), Uint8Array.of(1), fromUrl(key, 32)).subarray(0, 4);

function name(written) {
  return NAME.test(written) ? written : malformed();
}

function number(written) {
  const value = NUMBER.test(written) ? Number(written) : NaN;
  return Number.isSafeInteger(value) ? value : malformed();
}

function bytes(written, size = null) {
  const data = fromStandard(written, "log.malformed");
  return size !== null && data.length !== size ? malformed() : data;
}

const bodyOf = ({ origin, size, root }) => `${origin}\n${size}\n${toStandard(root)}\n`;

const formatCheckpoint = (head) =>
  `${bodyOf(head)}\n${head.signatures.map((line) => `— ${line.name} ${toStandard(line.data)}\n`).join("")}`;

export function parseCheckpoint(source) {
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

async function signed(head, origin, key) {
  if (head.origin !== origin) refuse("log.foreign");
  const id = keyId(origin, key);
  const own = head.signatures.filter((line) => line.name === origin && equal(line.data.subarray(0, 4), id));
  if (own.length !== 1 || own[0].data.length !== 68) refuse("log.signature");
  if (!(await holds(fromUrl(key, 32), utf8(bodyOf(head)), own[0].data.slice(4)))) refuse("log.signature");
  return head;
}

export const verifyCheckpoint = (source, origin, key) => signed(parseCheckpoint(source), origin, key);

export function parseProof(source) {
  const gap = [...source].length <= 16 * 1024 ? source.indexOf("\n\n") : -1;
  if (gap < 0) malformed();
  const lines = source.slice(0, gap).split("\n");
  if (lines.length < 2 || lines.length > 55 || lines[0] !== "c2sp.org/tlog-proof@v1") malformed();
  if (!lines[1].startsWith("index ")) malformed();
  const index = number(lines[1].slice("index ".length));
  const hashes = lines.slice(2).map((line) => bytes(line, 32));
  const rest = source.slice(gap + 2);
  return { index, hashes, checkpoint: parseCheckpoint(rest) };
}

export async function verifyProof(source, leaf, origin, key) {
  const proof = parseProof(source);
  const head = await signed(proof.checkpoint, origin, key);
  verifyInclusion(leafHash(leaf), proof.index, head.size, proof.hashes, head.root);
  return { index: proof.index, checkpoint: head };
}

