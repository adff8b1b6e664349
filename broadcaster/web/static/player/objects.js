// Immutable objects by their sha256, in the Cache API. Nothing is kept, or read again, whose hash does not fit. The rest
// of a broken-off download is asked for while this page lives.

import { Away, Refused } from "./server.js";
import { NotTrusted, sha256 as hashOf } from "./signatures.js";

const NAME = "village-objects";
const SILENT_MS = 30_000;
const address = (sha256) => `/player/objects/${sha256}`;

export class Objects {
  present = new Set();
  bytes = 0;
  parts = new Map(); // sha256 -> chunks that have come

  static async open() {
    const objects = new Objects();
    objects.cache = await caches.open(NAME);
    for (const request of await objects.cache.keys()) objects.present.add(request.url.split("/").at(-1));
    return objects;
  }

  // The bytes, hashed again: a worn-out memory must not sound. Null if they are not here or not right any more.
  async read(sha256) {
    const kept = await this.cache.match(address(sha256));
    const bytes = kept && new Uint8Array(await kept.arrayBuffer());
    if (bytes && (await hashOf(bytes)) === sha256) return bytes;
    this.discard(sha256);
    return null;
  }

  // Throws Away (the part that came is kept), Refused or NotTrusted (nothing is kept).
  async fetch(server, ref, stop) {
    const parts = this.parts.get(ref.sha256) ?? [];
    const quiet = new AbortController();
    let timer = setTimeout(() => quiet.abort(), SILENT_MS);
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(() => quiet.abort(), SILENT_MS);
    };
    try {
      const from = size(parts);
      if (from < ref.size_bytes || !from) await this.download(server, ref, parts, from, quiet, alive, stop);
    } catch (error) {
      if (error instanceof Refused || error instanceof NotTrusted) this.parts.delete(ref.sha256);
      throw error;
    } finally {
      clearTimeout(timer);
    }
    await this.keep(ref.sha256, new Blob(this.parts.get(ref.sha256)));
  }

  async download(server, ref, parts, from, quiet, alive, stop) {
    const answer = await server.object(ref.sha256, from, quiet.signal);
    const goesOn = answer.status === 206 && answer.headers.get("Content-Range")?.startsWith(`bytes ${from}-`);
    const chunks = goesOn ? [...parts] : [];
    this.parts.set(ref.sha256, chunks);
    const reader = answer.body.getReader();
    try {
      for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
        alive();
        chunks.push(value);
        if (size(chunks) > ref.size_bytes) throw new NotTrusted("The object is longer than the manifest says");
        if (stop()) throw new Away("What an alert needs is fetched first");
      }
    } catch (error) {
      quiet.abort();
      if (error instanceof NotTrusted || error instanceof Away) throw error;
      throw new Away(`The download broke off: ${error.message}`);
    }
    if (size(chunks) < ref.size_bytes) throw new Away("The download broke off");
  }

  async keep(sha256, blob) {
    this.parts.delete(sha256);
    if ((await hashOf(await blob.arrayBuffer())) !== sha256) throw new NotTrusted("The object has other bytes than its name says");
    await this.cache.put(address(sha256), new Response(blob));
    this.present.add(sha256);
  }

  // Keep what was made here; returns its name.
  async add(bytes) {
    const sha256 = await hashOf(bytes);
    await this.keep(sha256, new Blob([bytes]));
    return sha256;
  }

  has(media) {
    return media.every((sha256) => this.present.has(sha256));
  }

  async discard(sha256) {
    this.present.delete(sha256);
    await this.cache.delete(address(sha256));
  }

  // Give up what nothing names any more.
  async evict(named) {
    for (const sha256 of [...this.present]) if (!named.has(sha256)) await this.discard(sha256);
    for (const sha256 of [...this.parts.keys()]) if (!named.has(sha256)) this.parts.delete(sha256);
  }
}

const size = (chunks) => chunks.reduce((sum, chunk) => sum + chunk.length, 0);
