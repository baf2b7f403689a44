// What this browser remembers of what it saw: rows in memory, sealed as a whole into IndexedDB under a key that grows
// from the seed. Nothing is kept in clear, and no name says whose it is. Losing it is no failure: pins begin anew.

import { keyOf } from "../keys/client_seed.ts";
import { type Bytes, concat, fromUtf8, toUrl, utf8 } from "../protocol/bytes.ts";
import { get, put } from "./shelf.ts";

// A row is plain data. `version`, `size`, `seq` or `number` is what grows in it, so that the newer of two is told.
export type Row = Readonly<Record<string, string | number | boolean | undefined>>;
type Rows = Record<string, Row>;

const NONCE = 12;
const EPOCH = "log\0epoch";
const name = (table: string, key: string): string => `${table}\0${key}`;

// Where the rows of one person lie, and what opens them.
interface Vault {
  readonly place: string;
  readonly key: CryptoKey;
}

async function vaultOf(seed: Bytes): Promise<Vault> {
  const key = await crypto.subtle.importKey("raw", keyOf(seed, "store"), "AES-GCM", false, ["encrypt", "decrypt"]);
  return { place: `rows/${toUrl(keyOf(seed, "store-name"))}`, key };
}

export class State {
  #rows: Rows = {};
  readonly #vault: Vault | null;
  #saving: Promise<void> = Promise.resolve();
  #changed = false;

  private constructor(vault: Vault | null, rows: Rows) {
    this.#vault = vault;
    this.#rows = rows;
  }

  // What was kept for the holder of this seed of 32 bytes; empty where nothing was, or nothing can be read.
  static async open(seed: Bytes): Promise<State> {
    const vault = await vaultOf(seed);
    return new State(vault, await load(vault));
  }

  // Rows that nothing keeps.
  static inMemory(): State {
    return new State(null, {});
  }

  get<R extends Row>(table: string, key: string): R | undefined {
    // Whoever wrote a table reads it, and nobody else has the key.
    return this.#rows[name(table, key)] as R | undefined;
  }

  put(table: string, key: string, row: Row): void {
    this.#rows = { ...this.#rows, [name(table, key)]: row };
    this.#save();
  }

  delete(table: string, key: string): void {
    const { [name(table, key)]: _, ...rest } = this.#rows;
    this.#rows = rest;
    this.#save();
  }

  // A table's rows by name, sorted.
  items<R extends Row>(table: string): [string, R][] {
    const begin = name(table, "");
    const found = Object.entries(this.#rows).filter(([each]) => each.startsWith(begin));
    const rows = found.map(([each, row]): [string, R] => [each.slice(begin.length), row as R]);
    return rows.sort(([one], [other]) => (one < other ? -1 : 1));
  }

  // All that is set within is kept, or nothing when it throws. Not for work that waits for something.
  transaction<T>(run: () => T): T {
    const before = this.#rows;
    try {
      return run();
    } catch (error) {
      this.#rows = before;
      throw error;
    }
  }

  // Resolves once what was set is on the disk, or cannot be put there.
  async settled(): Promise<void> {
    while (this.#changed) await this.#saving;
  }

  #save(): void {
    const vault = this.#vault;
    if (vault === null || this.#changed) return;
    this.#changed = true;
    this.#saving = this.#saving.then(async () => {
      // Another tab may have seen more meanwhile; one of them writes at a time.
      await alone(vault.place, async () => {
        const other = await load(vault);
        // Rows may have been set while that was read.
        this.#rows = merged(this.#rows, other);
        this.#changed = false;
        await store(vault, this.#rows);
      });
    });
  }
}

const alone = (place: string, run: () => Promise<void>): Promise<void> =>
  "locks" in navigator ? navigator.locks.request(place, run) : run();

async function load(vault: Vault): Promise<Rows> {
  const sealed = await get(vault.place);
  if (!(sealed instanceof Uint8Array)) return {};
  try {
    const parameters = { name: "AES-GCM", iv: sealed.slice(0, NONCE) };
    const plain = await crypto.subtle.decrypt(parameters, vault.key, sealed.slice(NONCE));
    return JSON.parse(fromUtf8(new Uint8Array(plain))) as Rows;
  } catch {
    // Damaged, or not written by this page: as if it had been cleared.
    return {};
  }
}

async function store(vault: Vault, rows: Rows): Promise<void> {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, vault.key, utf8(JSON.stringify(rows)));
  await put(vault.place, concat(iv, new Uint8Array(sealed)));
}

const grown = (row: Row | undefined): number => {
  const number = row?.["version"] ?? row?.["size"] ?? row?.["seq"] ?? row?.["number"];
  return typeof number === "number" ? number : -1;
};

// The newer row of each. What is known of the log goes together with its epoch: a log that was set back is smaller.
function merged(own: Rows, other: Rows): Rows {
  const [mine, theirs] = [grown(own[EPOCH]), grown(other[EPOCH])];
  const rows: Rows = { ...own };
  for (const [key, row] of Object.entries(other)) {
    const ofLog = key.startsWith("log\0");
    if (ofLog && mine !== theirs) {
      if (theirs > mine) rows[key] = row;
    } else if (rows[key] === undefined || grown(row) > grown(rows[key])) {
      rows[key] = row;
    }
  }
  if (theirs > mine) {
    for (const key of Object.keys(own)) if (key.startsWith("log\0") && !(key in other)) delete rows[key];
  }
  return rows;
}
