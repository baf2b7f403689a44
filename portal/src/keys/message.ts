// A message as a reader gets it: verified at its place, its keys unwrapped and committed to, its sections opened.

import { type Bytes, fromUtf8 } from "../protocol/bytes.ts";
import { refuse } from "../protocol/errors.ts";
import type { Party } from "../protocol/objects.ts";
import { contextOf, wrapInfo } from "./bindings.ts";
import { openCase, readEntries } from "./casefile.ts";
import { openSection } from "./sections.ts";
import type { Exhibit } from "./signed.ts";
import { checkReceipt, exhibit } from "./trust.ts";
import { verify } from "./verification.ts";
import { sealKey, unwrap } from "./wraps.ts";

// What a relay hands over of one message; `sections` are ciphertexts by the digest that names them.
export interface Delivered {
  readonly manifest: Bytes;
  readonly wraps: Bytes;
  readonly receipt: Bytes;
  readonly entries: readonly Bytes[];
  readonly sections: Readonly<Record<string, Bytes>>;
}

// A delivery and whom it is for. `seed` is their seal key's; `whole`: all entries of the manifest must be there.
export interface Reading {
  readonly huis: string;
  readonly shown: readonly Exhibit[];
  readonly delivered: Delivered;
  readonly reader: Party;
  readonly seed: Bytes;
  readonly whole: boolean;
}

export async function openMessage({ huis, shown, delivered, reader, seed, whole }: Reading): Promise<{
  manifest: string;
  wraps: string;
  index: number;
  contents: string[];
}> {
  const { trust, setting } = await openCase(huis, shown);
  const found = exhibit(delivered.manifest);
  const { place } = await checkReceipt(delivered.receipt, found.d, trust, setting.directory.object.log_key);
  const manifest = await verify(delivered.manifest, "manifest", trust, place);
  const entries = readEntries(manifest.object, delivered.entries, whole);
  const wraps = await verify(delivered.wraps, "wraps", trust, place);
  const own = await sealKey(seed);
  const wrap = wraps.object.wraps.find((item) => item.key === own.digest) ?? refuse("wrap.unopenable");
  const sealer = manifest.signers[0]?.key ?? refuse("signature.missing");
  const bound = { manifest: manifest.d, sealer, reader, keys: wrap.source, key: wrap.key, entries: wrap.entries };
  const keys = await unwrap(wrap.box, seed, wrapInfo(bound), wrap.entries.length);
  const contents = entries.filter((item) => wrap.entries.includes(item.n)).map((entry) => {
    const key = keys[wrap.entries.indexOf(entry.n)] ?? refuse("wrap.unopenable");
    const blob = delivered.sections[entry.ct] ?? refuse("section.digest");
    return fromUtf8(openSection(contextOf(manifest.object, entry, sealer), key, blob, entry));
  });
  return { manifest: manifest.d, wraps: wraps.d, index: place.index, contents };
}
