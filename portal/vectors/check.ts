// Runs the vectors: `node src/check.js <folder>` prints {path: {code, result}} as JSON, or null for what is not run.

import { ProtocolError } from "../src/protocol/errors.ts";
import { RUNNERS } from "./runners.ts";
import { Vectors } from "./vectors.ts";

async function outcome(vectors, path) {
  const { format, expect, result } = vectors.get(path);
  // What only Python does: to refuse words.
  if (format === "consent-text" && expect !== "ok") return null;
  try {
    return { code: "ok", result: await RUNNERS[format](vectors.input(path), result) };
  } catch (error) {
    if (error instanceof ProtocolError) return { code: error.code };
    return { code: "crashed", result: String(error?.stack ?? error) };
  }
}

const vectors = new Vectors(process.argv[2]);
const found = {};
for (const path of vectors.paths()) found[path] = await outcome(vectors, path);
process.stdout.write(`${JSON.stringify(found)}\n`);
