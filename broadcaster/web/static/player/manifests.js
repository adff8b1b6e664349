// The one manifest in force: exact bytes and signature, verified when taken in and at every start. Another replaces it
// only if it is signed with a trusted key, for this player, and newer by (epoch, id). Trusted keys change by it only.

import { local } from "./instants.js";
import { NotTrusted, verify } from "./signatures.js";

const decoder = new TextDecoder();
const NEEDED = ["server_epoch", "manifest_id", "issued_at", "valid_until", "keys", "occurrences", "objects"];

export class Stale extends Error {}

export class Manifests {
  current = null;
  etag = null;

  constructor(store, identity) {
    this.store = store;
    this.identity = identity;
  }

  async open() {
    const kept = await this.store.get("facts", "manifest");
    if (!kept) return;
    try {
      this.current = (await this.verified(kept.bytes, kept.signature, kept.keyId)).manifest;
      this.etag = kept.etag;
    } catch (error) {
      console.warn("stored manifest refused", error.message);
    }
  }

  // Put a manifest in force. Throws NotTrusted or Stale.
  async accept(bytes, headers) {
    const [signature, keyId, etag] = ["X-Signature", "X-Key-Id", "ETag"].map((name) => headers.get(name));
    const { manifest, keys } = await this.verified(bytes, signature, keyId);
    const old = this.current;
    if (old && !newer(manifest, old)) throw new Stale(`Manifest ${manifest.manifest_id} is not newer than ${old.manifest_id}`);
    const identity = { ...this.identity, keys, village: manifest.village, village_name: manifest.village_name };
    identity.village_uuid = manifest.village_uuid ?? identity.village_uuid;
    await this.store.put("facts", ["manifest", { bytes, signature, keyId, etag }], ["identity", identity]);
    Object.assign(this.identity, identity);
    this.current = manifest;
    this.etag = etag;
    return manifest;
  }

  async verified(bytes, signature, keyId) {
    const key = await verify(bytes, signature, keyId, this.identity.keys);
    let manifest;
    try {
      manifest = JSON.parse(decoder.decode(bytes));
      if (NEEDED.some((name) => manifest[name] === undefined)) throw new Error("it lacks fields");
      local(0, manifest.time_zone);
    } catch (error) {
      throw new NotTrusted(`The manifest is signed but unreadable: ${error.message}`);
    }
    if (manifest.player !== this.identity.player) throw new NotTrusted("The manifest is another player's");
    // The key that signed stays trusted, or this very manifest would fail its own check at the next start.
    const others = manifest.keys.filter((each) => each.key_id !== key.key_id);
    return { manifest, keys: [key, ...others] };
  }
}

function newer(a, b) {
  return a.server_epoch === b.server_epoch ? a.manifest_id > b.manifest_id : a.server_epoch > b.server_epoch;
}
