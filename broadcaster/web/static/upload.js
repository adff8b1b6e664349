// Sending a file so that nothing is lost: tus 1.0 in pieces over however many cuts, and a copy on this device until the
// server has judged it. Nothing of the page here: recorder.js shows what happens.

const TUS = { "Tus-Resumable": "1.0.0" };
const LEAST_BYTES = 128 * 1024;
const FIRST_BYTES = 512 * 1024;
const MOST_BYTES = 4 * 1024 * 1024;
const WAITS_MS = [1000, 3000, 10_000, 30_000];
const SILENT_MS = 120_000;
const MOST_FAILURES = 8;

export class LoggedOut extends Error {}
class Busy extends Error {}

// One request; a cut or silent line throws, as fetch does, and who is logged out is sent nowhere.
export async function ask(address, request, silentMs = SILENT_MS) {
  const answer = await fetch(address, { ...request, redirect: "manual", signal: AbortSignal.timeout?.(silentMs) });
  if (answer.type === "opaqueredirect") throw new LoggedOut();
  if (answer.status >= 500) throw new Busy(answer.status);
  return answer;
}

// Returns the upload's address once the server has every byte; `address` goes on with one that was begun before.
// began(address), told(bytes that have arrived) and cut(bytes) say what happens.
export async function send(blob, name, { address, began, told, cut }) {
  let arrived = null;
  let known = 0;
  let size = FIRST_BYTES;
  let busy = 0;
  let cuts = 0;
  for (;;) {
    try {
      if (!address) {
        address = await begin(blob, name);
        began(address);
        arrived = 0;
      }
      arrived ??= await offsetOf(address);
      if (arrived === null) {
        address = null;
        continue;
      }
      told(arrived);
      known = arrived;
      if (arrived === blob.size) return address;
      const started = performance.now();
      arrived = await sendPiece(address, arrived, blob.slice(arrived, arrived + size));
      size = fitting(size, performance.now() - started);
      busy = cuts = 0;
    } catch (error) {
      if (error instanceof LoggedOut || (error instanceof Busy && ++busy >= MOST_FAILURES)) throw error;
      cut(known);
      arrived = null;
      size = LEAST_BYTES;
      await pause(WAITS_MS[Math.min(cuts++, WAITS_MS.length - 1)]);
    }
  }
}

async function begin(blob, name) {
  const bytes = new TextEncoder().encode(name);
  const said = { "Upload-Length": blob.size, "Upload-Metadata": `filename ${btoa(String.fromCharCode(...bytes))}` };
  const answer = await ask("/uploads", { method: "POST", headers: { ...TUS, ...said } });
  if (answer.status !== 201) throw new Busy(answer.status);
  return answer.headers.get("Location");
}

// Where to go on; null if the server has thrown the upload away.
async function offsetOf(address) {
  const answer = await ask(address, { method: "HEAD", headers: TUS });
  return answer.ok ? Number(answer.headers.get("Upload-Offset")) : null;
}

// Where the next piece begins; null where it has to be asked for.
async function sendPiece(address, offset, body) {
  const headers = { ...TUS, "Upload-Offset": offset, "Content-Type": "application/offset+octet-stream" };
  const answer = await ask(address, { method: "PATCH", headers, body });
  return answer.ok ? Number(answer.headers.get("Upload-Offset")) : null;
}

// Large pieces on a good line, small ones where each may be cut: about 2 to 8 seconds for one.
function fitting(size, took) {
  if (took < 2000) return Math.min(size * 2, MOST_BYTES);
  return took > 8000 ? Math.max(size / 2, LEAST_BYTES) : size;
}

export function pause(ms) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    addEventListener("online", done);
  });
}

// The copy on this device: what is said of a recording under its key, its sound in pieces under [key, number].
// A store that is full or forbidden keeps nothing, and sending goes on without it.
let store = null;

function opened() {
  store ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("recordings", 1);
    request.onupgradeneeded = () => ["takes", "pieces"].forEach((name) => request.result.createObjectStore(name));
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return store;
}

async function inStore(mode, act) {
  try {
    const transaction = (await opened()).transaction(["takes", "pieces"], mode);
    const request = act(transaction.objectStore("takes"), transaction.objectStore("pieces"));
    return await new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  } catch {
    return undefined;
  }
}

const piecesOf = (key) => IDBKeyRange.bound([key, 0], [key, Infinity]);

export const keepPiece = (key, number, piece) => inStore("readwrite", (_, pieces) => pieces.put(piece, [key, number]));
export const keepTake = (key, take) => inStore("readwrite", (takes) => takes.put(take, key));

export async function drop(key) {
  await inStore("readwrite", (takes, pieces) => {
    takes.delete(key);
    return pieces.delete(piecesOf(key));
  });
}

// What was kept and not yet taken by the server: { blob, name, address }, or null.
export async function found(key) {
  const take = await inStore("readonly", (takes) => takes.get(key));
  const pieces = await inStore("readonly", (_, all) => all.getAll(piecesOf(key)));
  return take && pieces?.length ? { ...take, blob: new Blob(pieces, { type: take.type }) } : null;
}
