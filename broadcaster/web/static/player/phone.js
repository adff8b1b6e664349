// The phone around the page: its screen, its battery, its memory, its other tabs. Each may be missing in a browser.

const MINUTE = 60_000;

// Keep the screen bright while the page is seen; asked for again each time it comes back.
export class Awake {
  held = false;

  constructor(changed) {
    this.changed = changed;
    document.addEventListener("visibilitychange", () => this.ask());
  }

  async ask() {
    if (document.visibilityState !== "visible" || this.held) return;
    try {
      const lock = await navigator.wakeLock.request("screen");
      this.held = true;
      lock.onrelease = () => {
        this.held = false;
        this.changed();
      };
    } catch {
      this.held = false;
    }
    this.changed();
  }
}

// { level, charging } or null where the browser does not tell.
export async function battery(changed) {
  const found = await navigator.getBattery?.().catch(() => null);
  if (!found) return () => null;
  found.onlevelchange = found.onchargingchange = changed;
  return () => ({ level: Math.round(found.level * 100), charging: found.charging });
}

// Two tabs would air everything twice: the one that asks first is the player.
export function alone() {
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    navigator.locks.request("village-player", { ifAvailable: true }, (lock) => {
      resolve(Boolean(lock));
      return lock ? new Promise(() => {}) : null;
    });
  });
}

// What is kept here: { used, free, lasting } in bytes, asked anew each minute; null where the browser does not tell. It
// is asked not to clear what we keep when its memory is short.
export function storage(changed) {
  let room = null;
  const look = async () => {
    const lasting = await navigator.storage?.persist?.().catch(() => false);
    const told = await navigator.storage?.estimate?.().catch(() => null);
    room = told && { used: told.usage, free: Math.max(0, told.quota - told.usage), lasting: Boolean(lasting) };
    changed();
  };
  look();
  setInterval(look, MINUTE);
  return () => room;
}
