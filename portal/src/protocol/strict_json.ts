// JSON in which no key stands twice: JSON.parse takes the last of two, and another parser may take the first.

const SPACE = /[ \t\n\r]*/y;
const SCALAR = /"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false|null/y;
const MAX_DEPTH = 100;

// What is read, and how far.
interface Reader {
  readonly source: string;
  place: number;
}

// Throws `SyntaxError`.
export function parseStrictly(source: string): unknown {
  const at: Reader = { source, place: 0 };
  const value = read(at, 0);
  skip(at);
  if (at.place !== source.length) throw new SyntaxError("more than one value");
  return value;
}

function read(at: Reader, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new SyntaxError("too deep");
  skip(at);
  if (at.source[at.place] === "{") return members(at, depth);
  if (at.source[at.place] === "[") return items(at, depth);
  return scalar(at);
}

function scalar(at: Reader): unknown {
  SCALAR.lastIndex = at.place;
  const found = SCALAR.exec(at.source);
  if (found === null) throw new SyntaxError("no value");
  at.place = SCALAR.lastIndex;
  return JSON.parse(found[0]);
}

function members(at: Reader, depth: number): Readonly<Record<string, unknown>> {
  const found = new Map<string, unknown>();
  each(at, "}", () => {
    skip(at);
    const name = scalar(at);
    if (typeof name !== "string" || found.has(name)) throw new SyntaxError("no key, or one that stands twice");
    take(at, ":");
    found.set(name, read(at, depth + 1));
  });
  return Object.fromEntries(found);
}

function items(at: Reader, depth: number): unknown[] {
  const found: unknown[] = [];
  each(at, "]", () => found.push(read(at, depth + 1)));
  return found;
}

function each(at: Reader, end: string, readOne: () => void): void {
  at.place += 1;
  skip(at);
  if (at.source[at.place] === end) {
    at.place += 1;
    return;
  }
  for (;;) {
    readOne();
    skip(at);
    const letter = at.source[at.place];
    at.place += 1;
    if (letter === end) return;
    if (letter !== ",") throw new SyntaxError("no comma");
  }
}

function take(at: Reader, letter: string): void {
  skip(at);
  if (at.source[at.place] !== letter) throw new SyntaxError(`no ${letter}`);
  at.place += 1;
}

function skip(at: Reader): void {
  SPACE.lastIndex = at.place;
  SPACE.exec(at.source);
  at.place = SPACE.lastIndex;
}
