// Where alerts come in, from the server and by people's hands here: verified one by one, kept, the newest of each rules.
// Decides nothing of what sounds.

import { callOf } from "./alert_rules.js";
import { DAY, instant, iso } from "./instants.js";
import { verify } from "./signatures.js";

const HERE_AT_MOST = 300_000; // a phrase started by hand sounds for so long in all if nobody stops it
const HERE_PAUSE = 3000;
const HERE_VALID = 7 * DAY;
const encoder = new TextEncoder();

export class AlertDesk {
  held = new Map(); // alert_uuid -> { call, liveSince, alert, age }

  constructor({ store, clock, identity, journal, objects, ring }) {
    Object.assign(this, { store, clock, identity, journal, objects, ring });
    this.wanted = () => {};
  }

  async open() {
    for (const signed of await this.store.all("alerts")) {
      const alert = await this.verified(signed);
      if (alert) this.hold(alert, false);
    }
  }

  // `live`: just now from the server, so that they count whatever the clock says.
  async takeIn(all, live) {
    for (const signed of all) {
      const alert = await this.verified(signed);
      if (!alert || !this.hold(alert, live)) continue;
      this.ring();
      this.wanted();
      this.say(alert.alert_uuid, alert.version, "received");
      await this.store.put("alerts", [alert.alert_uuid, signed]).catch(() => {});
    }
  }

  // Sound something now, again and again until `stop`; needs no server. It does not go on after a restart.
  begin(title, media, { exercise = false, repeats = 0 } = {}) {
    const now = this.clock.now();
    const uuid = crypto.randomUUID();
    const spans = { issuedAt: now, startsAt: now, expiresAt: now + HERE_VALID, maxSounding: HERE_AT_MOST, pause: HERE_PAUSE };
    const call = { uuid, version: 0, exercise, title, ...spans, media, fallback: [], repeats, audible: true, cancelled: false };
    this.held.set(uuid, { call, liveSince: this.clock.monotonic(), alert: null, age: [0, 0] });
    this.ring();
  }

  // End what was started here; what the server calls goes on.
  stop() {
    for (const held of this.startedHere()) held.call = { ...held.call, cancelled: true };
    this.ring();
  }

  startedHere() {
    return [...this.held.values()].filter(({ call }) => call.version === 0 && !call.cancelled);
  }

  say(uuid, version, stage, detail = "", at = this.clock.now()) {
    if (version === 0) return; // nobody but those who hear it knows of it
    const body = { alert_uuid: uuid, version, stage, at: iso(at), clock_state: this.clock.read().state, detail };
    if (this.journal.note(body, at)) this.wanted();
  }

  // What alerts in force need and do not have yet, their own audio before fallbacks.
  missing() {
    const refs = new Map();
    const going = [...this.held.values()].filter(({ call }) => !call.cancelled && !this.journal.isFinal(call.uuid, call.version));
    for (const part of ["media", "fallback"]) {
      for (const { call, alert } of going) {
        const known = new Map((alert?.objects ?? []).map((ref) => [ref.sha256, ref]));
        for (const sha256 of call[part]) if (known.has(sha256)) refs.set(sha256, known.get(sha256));
      }
    }
    return [...refs.values()].filter((ref) => !this.objects.present.has(ref.sha256));
  }

  needed() {
    return [...this.held.values()].flatMap(({ call }) => [...call.media, ...call.fallback]);
  }

  letGo({ call, alert }) {
    if (!alert) return this.held.delete(call.uuid);
    if (this.clock.read().state === "untrusted" || this.clock.now() < instant(alert.expires_at) + DAY) return;
    this.held.delete(call.uuid);
    this.store.put("alerts", [call.uuid, undefined]).catch(() => {});
  }

  async verified(signed) {
    try {
      await verify(encoder.encode(signed.document), signed.signature, signed.key_id, this.identity.keys);
      return JSON.parse(signed.document);
    } catch (error) {
      console.warn("alert refused", error.message);
      return null;
    }
  }

  // Tells whether anything is new.
  hold(alert, live) {
    const known = this.held.get(alert.alert_uuid);
    const age = [alert.server_epoch, alert.version];
    const order = known ? age[0] - known.age[0] || age[1] - known.age[1] : 1;
    const liveSince = live ? this.clock.monotonic() : null;
    if (order < 0 || (order === 0 && (!live || known.liveSince !== null))) return false;
    if (order === 0) {
      known.liveSince = liveSince;
      return true;
    }
    let call = callOf(alert, this.identity.village_uuid);
    if (!call && !known) return false;
    // A newer version that leaves this village out ends what sounds here.
    call ??= { ...known.call, version: alert.version, cancelled: true };
    this.held.set(alert.alert_uuid, { call, liveSince, alert, age });
    return true;
  }
}
