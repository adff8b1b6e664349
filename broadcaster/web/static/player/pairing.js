// Who this phone is: a code is exchanged for an identity, once. The same code and nonce get the same answer again, so
// that a lost answer does not burn the code.

const CODE = /^[A-HJ-NP-Z2-9]{8}$/;

export const codeOf = (typed) => typed.toUpperCase().replace(/[^A-Z0-9]/g, "");
export const isCode = (code) => CODE.test(code);

export async function pair(store, server, code, name) {
  const kept = await store.get("facts", "pairing");
  const nonce = kept?.code === code ? kept.nonce : crypto.randomUUID();
  await store.put("facts", ["pairing", { code, nonce }]);
  const identity = await server.pair({ code, nonce, name: name.slice(0, 120), hardware: navigator.userAgent.slice(0, 200) });
  // The journal of an earlier pairing stays; its plan does not.
  await store.put("facts", ["identity", identity], ["manifest", undefined], ["pairing", undefined], ["former", undefined]);
  return identity;
}

// Nothing is lost: `undoUnpair` brings it back, as long as an admin has not removed the device.
export async function unpair(store, identity) {
  await store.put("facts", ["former", identity], ["identity", undefined]);
}

export async function undoUnpair(store) {
  const former = await store.get("facts", "former");
  await store.put("facts", ["identity", former], ["former", undefined]);
}
