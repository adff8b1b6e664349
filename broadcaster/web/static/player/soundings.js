// Carries out what the rules say of alerts: repeats into the loudspeaker's hands, rows, receipts, an end to each.

import { changesIn, cutsAlert, dueIn, endOf, goesOn, holdsIt, mayLast, nextUp, outspoken } from "./alert_rules.js";
import { lengthOf } from "./sound.js";
import { RANK } from "./timeline.js";

const HAND_OVER = 500;
const RANK_ABOVE = RANK.emergency + 1;

export class Soundings {
  records = new Map(); // alert_uuid -> { call, sounded, aired (Map), number, heard, ended, over, carried }

  constructor({ desk, airings, journal, loudspeaker, clock, makeRow }) {
    Object.assign(this, { desk, airings, journal, loudspeaker, clock, makeRow });
    this.now = null; // the call that has the loudspeaker
  }

  // What must be decoded so that it can sound at once.
  media() {
    const going = [...this.desk.held.values()].filter(({ call }) => !call.cancelled && !this.records.get(call.uuid)?.over);
    const all = going.flatMap(({ call }) => [call.media, call.fallback]);
    return all.filter((media) => media.length && this.desk.objects.has(media));
  }

  // Do all that is due; returns { held, waits }.
  async turn(reading) {
    const going = await this.going(reading);
    const waits = going.flatMap(changesIn).filter((wait) => wait > 0);
    let fresh = nextUp(going);
    if (fresh && !going.filter((each) => each.sounding).every((each) => cutsAlert(fresh, each))) fresh = null;
    if (fresh && dueIn(fresh) <= HAND_OVER && this.loudspeaker.ready) await this.handOver(fresh, reading);
    else if (fresh) waits.push(dueIn(fresh) - HAND_OVER);
    const holding = going.filter(holdsIt);
    this.now = (holding.find((each) => each.sounding) ?? holding[0])?.call ?? null;
    return { held: holding.length > 0, waits };
  }

  async going(reading) {
    const going = [];
    for (const uuid of [...this.records.keys()]) if (!this.desk.held.has(uuid)) this.records.delete(uuid);
    for (const held of [...this.desk.held.values()]) {
      const { call } = held;
      const former = this.records.get(call.uuid);
      const record = former?.call === call ? former : this.fresh(call);
      this.records.set(call.uuid, record);
      if (former && former !== record) await this.replace(former, record, this.standing(held, record, reading), reading);
      await this.speakOut(this.standing(held, record, reading), record);
      const standing = this.standing(held, record, reading);
      const end = endOf(standing);
      if (end && !record.over) {
        await this.silence(call, end === "cancelled" ? "withdrawn" : "expired");
        await this.settle(record, standing, end, reading);
      }
      if (record.over) this.desk.letGo(held);
      else going.push(standing);
    }
    return going;
  }

  standing({ call, liveSince }, record, reading) {
    const believed = reading.state !== "untrusted";
    // When it was issued is all that can be known of the time: it counts from its arrival on.
    const now = believed || liveSince === null ? reading.at : call.issuedAt + reading.monotonic - liveSince;
    const voice = this.voice(call);
    return {
      call,
      now,
      allowed: believed || liveSince !== null,
      sounded: record.sounded,
      repeats: voice ? (record.aired.get(voice.media.join(" ")) ?? 0) : 0,
      voice,
      silentFor: record.ended === null ? null : reading.monotonic - record.ended,
      sounding: this.sounding(call).length > 0,
    };
  }

  // Its own audio, or the fallback as long as that is not here whole; null while that is being decoded.
  voice(call) {
    for (const media of [call.media, call.fallback]) {
      if (!media.length || !this.desk.objects.has(media)) continue;
      const buffers = this.loudspeaker.decoded(media);
      if (buffers) return { media, buffers, length: lengthOf(buffers) };
      if (buffers === undefined) return null;
    }
    return null;
  }

  fresh(call) {
    const record = { call, sounded: 0, aired: new Map(), number: 0, heard: false, ended: null };
    for (const row of this.journal.ofAlert(call.uuid)) add(record, row);
    record.over = this.journal.isFinal(call.uuid, call.version);
    return record;
  }

  sounding(call) {
    return [...this.airings].filter((airing) => airing.isAlert && airing.row.occurrence_uuid === call.uuid);
  }

  async silence(call, reason) {
    for (const airing of this.sounding(call)) await this.airings.breakOff(airing, reason);
  }

  // Cut what only stood in for the words, now that these are here: they are worth more than its end.
  async speakOut(standing, record) {
    if (!this.sounding(standing.call).some((airing) => outspoken(standing, airing.cue.media))) return;
    await this.silence(standing.call, "interrupted");
    record.ended = null;
  }

  async handOver(standing, reading) {
    const { call, voice } = standing;
    for (const airing of this.airings) {
      const equal = airing.isAlert && airing.row.exercise === call.exercise;
      if (equal || !airing.begun) await this.airings.breakOff(airing, "interrupted", true);
    }
    const number = this.records.get(call.uuid).number + 1;
    const cue = repeat(call, number, voice.media, this.plannedAt(standing, number, reading));
    const row = this.row(call, cue, reading);
    const lasts = mayLast(standing);
    const airing = {
      cue,
      row,
      isAlert: true,
      endsAt: reading.at + dueIn(standing) + lasts,
      onBegun: (begun) => this.desk.say(call.uuid, call.version, "sounding", "", Date.parse(begun.row.started_at)),
      onOver: (over, stands) => stands && this.close(over.row),
    };
    await this.airings.place(airing, {
      buffers: voice.buffers,
      starts: reading.monotonic + dueIn(standing),
      gain: row.volume_percent / 100,
      rank: RANK_ABOVE + (call.exercise ? 0 : 1),
      cuts: true,
      limit: lasts < voice.length ? lasts : Infinity,
    });
  }

  close(row) {
    const record = this.records.get(row.occurrence_uuid);
    if (!record) return;
    add(record, row);
    if (row.alert_version === record.call.version || record.carried) record.ended = this.clock.monotonic();
    record.carried = false;
  }

  plannedAt(standing, number, reading) {
    return number === 1 && reading.state !== "untrusted" ? standing.call.startsAt : reading.at + dueIn(standing);
  }

  row(call, cue, reading) {
    return { ...this.makeRow(cue, reading, "partial", "power_cut"), alert_version: call.version, exercise: call.exercise };
  }

  // Say what became of a version whose place a newer one has taken; what both say sounds on.
  async replace(former, record, standing, reading) {
    const { call } = former;
    if (this.sounding(call).some((airing) => airing.begun && goesOn(call, standing, airing.cue.media))) {
      record.carried = record.heard = true;
      if (standing.voice.media === standing.call.media) this.desk.say(call.uuid, standing.call.version, "sounding");
    } else await this.silence(call, "withdrawn");
    if (former.over || call.version === 0) return;
    if (!former.heard && call.startsAt <= reading.at && !this.voice(call)) {
      await this.miss(former, call.startsAt, "failed", "media_incomplete", reading);
    } else this.desk.say(call.uuid, call.version, "finished", "replaced");
  }

  async settle(record, standing, end, reading) {
    record.over = true;
    const { call } = record;
    if (record.heard || end === "cancelled" || end === "silent") return this.desk.say(call.uuid, call.version, "finished", end);
    let why = ["skipped", "expired"];
    if (!standing.voice) why = ["failed", "media_incomplete"];
    else if (!this.loudspeaker.ready) why = ["failed", "output_failed"];
    return this.miss(record, this.plannedAt(standing, 1, reading), ...why, reading);
  }

  // The row of an alert that was due and not heard, so that it does not vanish.
  async miss(record, plannedAt, outcome, reason, reading) {
    const { call } = record;
    const cue = repeat(call, record.number + 1, call.media, plannedAt);
    if (call.audible) await this.journal.skip([{ ...this.row(call, cue, reading), outcome, reason }]);
    this.desk.say(call.uuid, call.version, "refused", reason);
  }
}

function add(record, row) {
  record.sounded += row.position_ms;
  if (row.alert_version !== record.call.version) return;
  record.number += 1;
  record.heard ||= Boolean(row.started_at);
  const key = row.media.join(" ");
  if (row.outcome === "aired") record.aired.set(key, (record.aired.get(key) ?? 0) + 1);
}

// A repeat written as a cue.
function repeat(call, number, media, at) {
  return { occurrence: call.uuid, key: `alert/${call.version}/${number}`, title: call.title, media, at, priority: "emergency" };
}
