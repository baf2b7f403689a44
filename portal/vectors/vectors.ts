// Reading vectors: references and the notation of bytes (docs/spec/vectors.md).

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { concat, fromUrl, utf8 } from "../src/protocol/bytes.ts";

export class Vectors {
  constructor(folder) {
    this.folder = folder;
    this.read = new Map();
  }

  paths() {
    const files = readdirSync(this.folder, { recursive: true, encoding: "utf8" });
    return files.map((file) => file.split("\\").join("/")).filter((file) => file.endsWith(".json")).sort();
  }

  get(path) {
    if (!this.read.has(path)) this.read.set(path, JSON.parse(readFileSync(join(this.folder, path), "utf8")));
    return this.read.get(path);
  }

  input(path) {
    return this.resolve(this.get(path).input);
  }

  resolve(value) {
    if (Array.isArray(value)) return value.map((item) => this.resolve(item));
    if (value === null || typeof value !== "object") return value;
    if ("ref" in value) {
      return this.resolve(value.at.split(".").reduce((found, step) => found[step], this.get(value.ref).input));
    }
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.resolve(item)]));
  }
}

export function asBytes(value) {
  if (typeof value === "string") return utf8(value);
  if ("base64url" in value) return fromUrl(value.base64url);
  if ("join" in value) return concat(...value.join.map(asBytes));
  if ("repeat" in value) {
    const piece = asBytes(value.repeat);
    const whole = new Uint8Array(piece.length * value.times);
    for (let at = 0; at < whole.length; at += piece.length) whole.set(piece, at);
    return whole;
  }
  return asBytes(value.slice).slice(value.start ?? 0, value.end);
}

export function objectsOf(value) {
  if (!("base" in value)) return value;
  const kept = Object.entries(objectsOf(value.base)).filter(([name]) => !(value.without ?? []).includes(name));
  return { ...Object.fromEntries(kept), ...(value.with ?? {}) };
}
