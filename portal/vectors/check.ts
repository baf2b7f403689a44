// Runs the vectors: `node build/check.mjs <folder>` prints {path: {code, result}} as JSON.

import { ProtocolError } from "../src/protocol/errors.ts";
import { RUNNERS } from "./runners.ts";
import { Vectors } from "./vectors.ts";

interface Outcome {
  readonly code: string;
  readonly result?: unknown;
}

async function outcome(vectors: Vectors, path: string): Promise<Outcome> {
  const { format } = vectors.get(path);
  const run = RUNNERS[format];
  if (run === undefined) return { code: "unknown", result: `no format ${format}` };
  try {
    // A vector has the fields of its format: what is wrong with it crashes, and a crash agrees with no vector.
    return { code: "ok", result: await run(vectors.input(path) as never) };
  } catch (error) {
    if (error instanceof ProtocolError) return { code: error.code };
    return { code: "crashed", result: String(error instanceof Error ? error.stack : error) };
  }
}

const vectors = new Vectors(process.argv[2] ?? "");
const found: Record<string, Outcome> = {};
for (const path of vectors.paths()) found[path] = await outcome(vectors, path);
process.stdout.write(`${JSON.stringify(found)}\n`);
