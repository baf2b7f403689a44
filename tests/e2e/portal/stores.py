"""All that a browser keeps of the portal, raw: its databases, its other stores, its page."""

import base64

from playwright.async_api import Page

_DUMP = """async () => {
  const bytes = (value) => value instanceof ArrayBuffer ? new Uint8Array(value)
    : ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : null;
  const flat = (value) => {
    const raw = bytes(value);
    if (raw !== null) return 'base64:' + btoa(String.fromCharCode(...raw));
    if (value instanceof CryptoKey) return value.extractable ? 'a key that can be taken' : '';
    if (value === null || typeof value !== 'object') return String(value);
    return Object.entries(value).map(([name, part]) => `${name}=${flat(part)}`).join(';');
  };
  const wait = (request) => new Promise((good, bad) => {
    request.onsuccess = () => good(request.result);
    request.onerror = () => bad(request.error);
  });
  const found = [];
  for (const { name } of await indexedDB.databases()) {
    const database = await wait(indexedDB.open(name));
    for (const table of database.objectStoreNames) {
      const store = database.transaction(table).objectStore(table);
      const [keys, values] = [await wait(store.getAllKeys()), await wait(store.getAll())];
      keys.forEach((key, at) => found.push(`${name}/${table}/${flat(key)}: ${flat(values[at])}`));
    }
    database.close();
  }
  for (const store of [localStorage, sessionStorage])
    for (const [name, value] of Object.entries(store)) found.push(`web/${name}: ${value}`);
  for (const name of await caches.keys()) found.push(`cache/${name}`);
  found.push(`window/${window.name}/${document.cookie}/${JSON.stringify(history.state)}`);
  return found;
}"""


async def kept(page: Page) -> list[str]:
    """Return what is kept, a line for each thing; bytes as they are and as text, so that a search finds either."""
    lines = []
    for line in list(await page.evaluate(_DUMP)):
        start, *raw = line.split("base64:")
        opened = [base64.b64decode(part.split(";")[0]) for part in raw]
        lines.append(start + "".join(f"{part.hex()} {part.decode('latin1')} " for part in opened) + line)
    return lines


async def shown(page: Page) -> str:
    """Return all that the document holds, whether it is seen or not."""
    return await page.content()
