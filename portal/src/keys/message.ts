// A message as a reader gets it: verified at its place, its keys unwrapped and committed to, its sections opened.

import { fromUtf8 } from "../protocol/bytes.ts";
import { openCase, readEntries } from "./casefile.ts";
import { openSection, sealKey, unwrap, wrapInfo } from "./sealing.ts";
import { checkReceipt, exhibit } from "./trust.ts";
import { verify } from "./verification.ts";

export async function openMessage({ huis, shown, delivered, reader, seed, whole }) {
  const { trust } = await openCase(huis, shown);
  const found = exhibit(delivered.manifest);
  const { place } = await checkReceipt(delivered.receipt, found.d, trust, trust.directory.object.log_key);
  const manifest = await verify(delivered.manifest, "manifest", trust, place);
  const entries = readEntries(manifest.object, delivered.entries, whole);
  const wraps = await verify(delivered.wraps, "wraps", trust, place);
  const own = await sealKey(seed);
  const wrap = wraps.object.wraps.find((item) => item.key === own.digest);
  const sealer = manifest.signers[0].key;
  const bound = { manifest: manifest.d, sealer, reader, keys: wrap.source, key: wrap.key, entries: wrap.entries };
  const keys = await unwrap(wrap.box, seed, wrapInfo(bound), wrap.entries.length);
  const contents = [];
  for (const entry of entries.filter((item) => wrap.entries.includes(item.n))) {
    const key = keys[wrap.entries.indexOf(entry.n)];
    const content = openSection(contextOf(manifest.object, entry, sealer), key, delivered.sections[entry.ct], entry);
    contents.push(fromUtf8(content));
  }
  return { manifest: manifest.d, wraps: wraps.d, index: place.index, contents };
}

function contextOf(manifest, entry, sender) {
  const { n, type, form, about, media } = entry;
  const { huis, id: message, household } = manifest;
  return { huis, message, sender, household, n, type, form, about, media };
}
