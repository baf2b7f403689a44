// The browser's own storage, under neutral names: values by key in one IndexedDB. A browser that keeps nothing (a
// private window, a full disk) is none that fails: then nothing is kept.

const DATABASE = "page";
const STORE = "kept";

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error ?? new DOMException("storage"));
  });

async function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => void request.result.createObjectStore(STORE);
  return settled(request);
}

async function within<T>(mode: IDBTransactionMode, run: (store: IDBObjectStore) => IDBRequest<T>): Promise<T | null> {
  try {
    const database = await open();
    try {
      return await settled(run(database.transaction(STORE, mode).objectStore(STORE)));
    } finally {
      database.close();
    }
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}

export const get = (key: string): Promise<unknown> => within("readonly", (store) => store.get(key));

// Returns whether it is kept.
export const put = async (key: string, value: unknown): Promise<boolean> =>
  (await within("readwrite", (store) => store.put(value, key))) !== null;

export const remove = async (key: string): Promise<void> => {
  await within("readwrite", (store) => store.delete(key));
};

// The keys that begin with `start`.
export async function keysOf(start: string): Promise<string[]> {
  const found = (await within("readonly", (store) => store.getAllKeys())) ?? [];
  return found.filter((key): key is string => typeof key === "string" && key.startsWith(start));
}
