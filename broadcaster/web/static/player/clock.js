// Player time: the last good comparison with the server plus the browser's monotonic clock (`performance.now`).
// trusted: compared within 24 h. drifting: older, or by this phone's own clock after a restart, corrected by what the
// last comparison found. untrusted: never compared, before the floor, or a jump over 60 s (also: the phone slept).

import { DAY, instant } from "./instants.js";
import { NotTrusted, verify } from "./signatures.js";

const JUMP = 60_000;
const CRYSTAL = 50e-6;
const KEPT_FOR = 30 * DAY;
const ROUND_TRIPS = 5;
const OWN_ERROR = 5000;

const decoder = new TextDecoder();

export class Clock {
  bootId = crypto.randomUUID();
  comparison = null; // { source, at, wall, monotonic, error }
  floor = 0;

  constructor(store) {
    this.store = store;
  }

  // Take up what an earlier run of this page knew: the phone's clock goes on without us, its correction stays.
  async open() {
    this.floor = (await this.store.get("facts", "floor")) ?? 0;
    const kept = await this.store.get("facts", "clock");
    const wall = this.wall();
    if (!kept || wall + kept.offset < Math.max(this.floor, kept.at) || wall + kept.offset > kept.at + KEPT_FOR) return;
    this.comparison = { source: "phone", at: wall + kept.offset, wall, monotonic: this.monotonic(), error: OWN_ERROR };
  }

  wall() {
    return Date.now();
  }

  monotonic() {
    return performance.now();
  }

  now() {
    return this.at(this.monotonic());
  }

  at(monotonic) {
    const known = this.comparison;
    return known ? known.at + monotonic - known.monotonic : this.wall() + monotonic - this.monotonic();
  }

  monotonicAt(at) {
    return this.monotonic() + at - this.now();
  }

  read() {
    const monotonic = this.monotonic();
    const wall = this.wall();
    const known = this.comparison;
    const at = this.at(monotonic);
    return {
      at,
      monotonic,
      state: this.state(at, monotonic, wall),
      offset: at - wall,
      error: known ? known.error + CRYSTAL * Math.max(0, monotonic - known.monotonic) : 0,
      source: known?.source ?? "",
    };
  }

  state(at, monotonic, wall) {
    const known = this.comparison;
    if (!known || this.jumped(monotonic, wall)) return "untrusted";
    if (known.source === "phone") return at < this.floor ? "untrusted" : "drifting";
    return monotonic - known.monotonic <= DAY ? "trusted" : "drifting";
  }

  jumped(monotonic, wall) {
    const known = this.comparison;
    return Boolean(known) && Math.abs(wall - known.wall - (monotonic - known.monotonic)) > JUMP;
  }

  // An instant that has certainly passed.
  raiseFloor(at) {
    if (at <= this.floor) return;
    this.floor = at;
    this.store.put("facts", ["floor", at]).catch(() => {});
  }

  // Ask the server some times; the half with the shortest round trips counts, and of that the median.
  async compare(server, keys) {
    const trips = [];
    for (let n = 0; n < ROUND_TRIPS; n++) trips.push(await this.trip(server, keys));
    const kept = trips.sort((a, b) => a.length - b.length).slice(0, Math.ceil(ROUND_TRIPS / 2));
    const offsets = kept.map((trip) => trip.offset).sort((a, b) => a - b);
    const offset = offsets[Math.floor(offsets.length / 2)];
    this.take(offset, kept.at(-1).length / 2);
  }

  async trip(server, keys) {
    const nonce = crypto.randomUUID().replaceAll("-", "");
    const sent = this.monotonic();
    const answer = await server.time(nonce);
    const received = this.monotonic();
    const bytes = new Uint8Array(await answer.arrayBuffer());
    await verify(bytes, answer.headers.get("X-Signature"), answer.headers.get("X-Key-Id"), keys);
    const told = JSON.parse(decoder.decode(bytes));
    if (told.nonce !== nonce) throw new NotTrusted("The time answers another question");
    return { length: received - sent, offset: instant(told.now) - (sent + received) / 2 };
  }

  take(offset, error) {
    const monotonic = this.monotonic();
    const wall = this.wall();
    const at = offset + monotonic;
    const known = this.comparison;
    if (known?.source === "server" && !this.jumped(monotonic, wall)) {
      const knownError = known.error + CRYSTAL * (monotonic - known.monotonic);
      if (error > knownError && Math.abs(at - this.at(monotonic)) <= error + knownError) return;
    }
    this.comparison = { source: "server", at, wall, monotonic, error };
    this.store.put("facts", ["clock", { at, offset: at - wall }]).catch(() => {});
  }
}
