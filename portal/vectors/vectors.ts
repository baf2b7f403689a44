// Reading vectors: references and the notation of bytes (docs/spec/vectors.md).

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { type Bytes, concat, fromUrl, utf8 } from "../src/protocol/bytes.ts";

// What stands for bytes.
export type Written =
  | string
  | { readonly base64url: string }
  | { readonly join: readonly Written[] }
  | { readonly repeat: Written; readonly times: number }
  | { readonly slice: Written; readonly start?: number; readonly end?: number };

export interface Item {
  readonly object: Written;
  readonly receipt?: Written;
}

// Named objects; or those of another vector without some of them, and with others.
export type Objects =
  | Readonly<Record<string, Item>>
  | { readonly base: Objects; readonly without?: readonly string[]; readonly with?: Readonly<Record<string, Item>> };

interface Vector {
  readonly format: string;
  readonly input: unknown;
}

export class Vectors {
  readonly #folder: string;
  readonly #read = new Map<string, Vector>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  paths(): string[] {
    const files = readdirSync(this.#folder, { recursive: true, encoding: "utf8" });
    return files.map((file) => file.split("\\").join("/")).filter((file) => file.endsWith(".json")).sort();
  }

  get(path: string): Vector {
    const found = this.#read.get(path) ?? (JSON.parse(readFileSync(join(this.#folder, path), "utf8")) as Vector);
    this.#read.set(path, found);
    return found;
  }

  input(path: string): unknown {
    return this.#resolve(this.get(path).input);
  }

  #resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#resolve(item));
    if (value === null || typeof value !== "object") return value;
    if ("ref" in value && "at" in value) return this.#resolve(this.#part(String(value.ref), String(value.at)));
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.#resolve(item)]));
  }

  #part(path: string, at: string): unknown {
    let found = this.get(path).input;
    for (const step of at.split(".")) found = (found as Readonly<Record<string, unknown>>)[step];
    return found;
  }
}

export function asBytes(value: Written): Bytes {
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

const isMade = (value: Objects): value is Extract<Objects, { readonly base: Objects }> => "base" in value;

export function objectsOf(value: Objects): Readonly<Record<string, Item>> {
  if (!isMade(value)) return value;
  const kept = Object.entries(objectsOf(value.base)).filter(([name]) => !(value.without ?? []).includes(name));
  return { ...Object.fromEntries(kept), ...(value.with ?? {}) };
}
