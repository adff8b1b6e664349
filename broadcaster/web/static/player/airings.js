// What is in the loudspeaker's hands, and the rows that follow from it. A row is on the disk before the sound begins.
// Who placed a sound is told when it begins and when it is over; nothing here decides what sounds.

import { iso } from "./instants.js";
import { TOLERANCE } from "./timeline.js";

const MARK_MS = 5000;
const ALERT_MARK_MS = 1000;
const TORN = 1 / 20;

export class Airings {
  all = new Map(); // row_uuid -> airing

  constructor(clock, journal, loudspeaker, outputOffset) {
    Object.assign(this, { clock, journal, loudspeaker, outputOffset });
  }

  [Symbol.iterator]() {
    return [...this.all.values()][Symbol.iterator]();
  }

  // airing: { cue, row, endsAt, isAlert, onOver(airing, stands), onBegun(airing) }; sound: { buffers, starts, gain, rank,
  // cuts, limit }. What sounds with a lower rank ends where a sound that cuts begins.
  async place(airing, { buffers, starts, gain, rank, cuts, limit }) {
    await this.journal.begin(airing.row);
    const placed = this.loudspeaker.place(buffers, starts, gain, limit);
    if (cuts) for (const other of this) if (other.rank < rank) this.cut(other, placed.begins, airing.isAlert);
    this.all.set(airing.row.row_uuid, Object.assign(airing, { placed, rank, begun: false, marked: 0 }));
  }

  cut(airing, at, byAlert) {
    if (at >= airing.placed.ends) return;
    this.loudspeaker.stop(airing.placed, at);
    airing.reason = "interrupted";
    airing.cutByAlert = byAlert;
  }

  // Write what has happened since the last turn.
  async hearBack() {
    const heard = this.loudspeaker.heardNow();
    for (const airing of this) {
      const { begins, ends } = airing.placed;
      if (!airing.begun && heard >= begins && ends > begins) await this.begin(airing);
      if (heard >= ends) await this.over(airing);
    }
  }

  async begin(airing) {
    airing.begun = true;
    airing.began = this.loudspeaker.momentOf(airing.placed.begins);
    const startedAt = this.clock.at(airing.began) + this.outputOffset();
    airing.endsAt = startedAt + (airing.placed.ends - airing.placed.begins) * 1000;
    airing.marked = airing.began;
    airing.row = { ...airing.row, started_at: iso(startedAt), late_ms: Math.round(startedAt - airing.cue.at) };
    await this.journal.mark(airing.row);
    airing.onBegun?.(airing);
  }

  // A sound has come to its end: whole, cut, limited, torn by a device that stood still, or with the volume at zero.
  over(airing) {
    const { begins, ends, whole, silenced } = airing.placed;
    if (!airing.begun) return this.drop(airing);
    const endedAt = this.loudspeaker.momentOf(ends);
    const length = (ends - begins) * 1000;
    const silence = endedAt - airing.began - length;
    const torn = silence > Math.max(TOLERANCE, TORN * length);
    let [outcome, reason] = ["aired", null];
    if (airing.reason) [outcome, reason] = ["partial", airing.reason];
    else if (ends < whole - 0.001) [outcome, reason] = ["partial", "expired"];
    else if (torn) [outcome, reason] = ["partial", "output_failed"];
    else if (silenced) [outcome, reason] = ["failed", "output_silent"];
    else if (airing.cue.isRelay) [outcome, reason] = ["failed", "relay_unsupported"];
    return this.close(airing, outcome, reason, endedAt, airing.cue.isRelay ? 0 : length);
  }

  // Take a sound away now. One of which nothing was heard has no row and may still air.
  breakOff(airing, reason, byAlert = false) {
    const heard = Math.min(this.loudspeaker.heardNow(), airing.placed.ends) - airing.placed.begins;
    this.loudspeaker.stop(airing.placed);
    airing.cutByAlert = byAlert;
    if (!airing.begun || heard <= 0) return this.drop(airing);
    return this.close(airing, "partial", reason, this.clock.monotonic(), heard * 1000);
  }

  async drop(airing) {
    this.all.delete(airing.row.row_uuid);
    this.loudspeaker.release(airing.placed);
    await this.journal.takeBack(airing.row.row_uuid);
    airing.onOver(airing, false);
  }

  async close(airing, outcome, reason, endedAt, position) {
    this.all.delete(airing.row.row_uuid);
    this.loudspeaker.release(airing.placed);
    const ended = iso(this.clock.at(endedAt) + this.outputOffset());
    airing.row = { ...airing.row, outcome, reason, ended_at: ended, position_ms: Math.max(0, Math.round(position)) };
    await this.journal.end(airing.row);
    if (airing.row.clock_state === "trusted") this.clock.raiseFloor(this.clock.at(endedAt));
    airing.onOver(airing, true);
  }

  // Note every few seconds how far what sounds has come: all that a power cut leaves of it.
  async mark() {
    const now = this.clock.monotonic();
    for (const airing of this) {
      if (!airing.begun || now - airing.marked < (airing.isAlert ? ALERT_MARK_MS : MARK_MS)) continue;
      airing.marked = now;
      airing.row = { ...airing.row, position_ms: Math.max(0, Math.round(now - airing.began)) };
      await this.journal.mark(airing.row);
    }
  }

  // Milliseconds until the next beginning or end.
  waits() {
    const heard = this.loudspeaker.heardNow();
    return [...this].map(({ begun, placed }) => ((begun ? placed.ends : placed.begins) - heard) * 1000);
  }
}
