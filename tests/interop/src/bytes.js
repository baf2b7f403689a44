// Bytes: UTF-8, joining, comparing, SHA-256, and the two kinds of base64, each with one spelling a value.

import { createHash } from "node:crypto";

import { refuse } from "./errors.js";

const encoder = new TextEncoder();

export const utf8 = (text) => encoder.encode(text);

// A byte order mark stays where it is, so that JSON.parse refuses it.
export const fromUtf8 = (data) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);

export const concat = (...parts) => new Uint8Array(Buffer.concat(parts));

export const equal = (left, right) => Buffer.compare(left, right) === 0;

export const sha256 = (...parts) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
};

export const hex = (data) => Buffer.from(data).toString("hex");

export const toUrl = (data) => Buffer.from(data).toString("base64url");

export const toStandard = (data) => Buffer.from(data).toString("base64");

// Node skips what is no base64 and drops stray bits: writing again and comparing refuses both.
export function fromUrl(text, size = null) {
  const data = new Uint8Array(Buffer.from(text, "base64url"));
  if (toUrl(data) !== text || (size !== null && data.length !== size)) refuse("binary.malformed");
  return data;
}

export function fromStandard(text, code = "envelope.malformed") {
  const data = new Uint8Array(Buffer.from(text, "base64"));
  if (toStandard(data) !== text) refuse(code, "not the one base64 of its bytes");
  return data;
}

export const digestOf = (data) => toUrl(sha256(data));
