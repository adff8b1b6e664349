// What this phone keeps over a restart, in IndexedDB: facts by name, rows of the journal, receipts, signed alerts.
// A write is told done only when the disk has it (`durability: strict`).

const STORES = ["facts", "rows", "receipts", "alerts"];

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

export class Store {
  static async open() {
    const request = indexedDB.open("village-player", 1);
    request.onupgradeneeded = () => STORES.forEach((name) => request.result.createObjectStore(name));
    return new Store(await done(request));
  }

  constructor(db) {
    this.db = db;
  }

  get(store, key) {
    return done(this.db.transaction(store).objectStore(store).get(key));
  }

  all(store) {
    return done(this.db.transaction(store).objectStore(store).getAll());
  }

  // `values`: pairs of key and value; undefined removes.
  put(store, ...values) {
    return new Promise((resolve, reject) => {
      const transaction = this.db.transaction(store, "readwrite", { durability: "strict" });
      const objects = transaction.objectStore(store);
      for (const [key, value] of values) value === undefined ? objects.delete(key) : objects.put(value, key);
      transaction.oncomplete = () => resolve();
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  }
}
