// Ed25519 and SHA-256 by the browser: is this really from a server that we trust, byte by byte?

export class NotTrusted extends Error {}

export const fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

export const sha256 = async (bytes) => hex(await crypto.subtle.digest("SHA-256", bytes));

// Whether this browser can do what a player must: an old one knows no Ed25519, one over plain HTTP no crypto at all.
export async function able() {
  try {
    await crypto.subtle.importKey("raw", new Uint8Array(32).fill(1), "Ed25519", false, ["verify"]);
    return true;
  } catch {
    return false;
  }
}

// Returns the key that signed these exact bytes. Throws NotTrusted.
export async function verify(bytes, signature, keyId, keys) {
  const key = keys.find((each) => each.key_id === keyId);
  if (!key) throw new NotTrusted(`Signed with the key ${keyId}, which this player does not trust`);
  let fits = false;
  try {
    const imported = await crypto.subtle.importKey("raw", fromBase64(key.key), "Ed25519", false, ["verify"]);
    fits = await crypto.subtle.verify("Ed25519", imported, fromBase64(signature ?? ""), bytes);
  } catch {
    fits = false;
  }
  if (!fits) throw new NotTrusted("The signature does not fit the content: it was changed on its way");
  return key;
}

// The first 16 hexadecimal digits of the raw key's sha256, to be compared by eye.
export async function fingerprint(key) {
  const digits = (await sha256(fromBase64(key.key))).slice(0, 16).toUpperCase();
  return digits.match(/.{4}/g).join("-");
}
