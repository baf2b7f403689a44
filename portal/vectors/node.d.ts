// The little of Node.js that running the vectors takes; the page itself runs without any.

declare module "node:fs" {
  export function readFileSync(path: string, encoding: "utf8"): string;
  export function readdirSync(path: string, options: { recursive: true; encoding: "utf8" }): string[];
}

declare module "node:path" {
  export function join(...parts: string[]): string;
}

declare module "node:crypto" {
  export function randomBytes(size: number): Uint8Array;
}

declare const process: {
  readonly argv: readonly string[];
  readonly stdout: { write(text: string): void };
};
