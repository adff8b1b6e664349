// Carries out what the timeline decides, one turn after another: decodes ahead, writes rows, hands sounds over.

import { Bell } from "./bell.js";
import { iso } from "./instants.js";
import { agenda, beginsAgain, cueId, cuts, holds, layOut, RANK, volumeOf } from "./timeline.js";

const PREPARE = 15_000; // an old phone decodes slowly
const HAND_OVER = 1500;
const WATCH = 1000;

export class Conductor {
  programme = null;
  done = new Set();
  attempts = new Map();
  cutByAlert = new Set();
  bornAt = null;
  clocklessSince = null;
  clockless = null;
  playlists = new Map();
  bell = new Bell();

  // parts: store, clock, journal, manifests, objects, loudspeaker, airings; `soundings` is given later.
  constructor(parts) {
    Object.assign(this, parts);
    this.started = this.clock.monotonic();
  }

  // Turn for ever; `ring` ends a pause early.
  async run(onTurn) {
    for (;;) {
      let wait = WATCH;
      try {
        wait = await this.turn();
      } catch (error) {
        console.error("turn failed", error);
      }
      onTurn();
      await this.bell.wait(Math.max(0, Math.min(WATCH, wait)));
    }
  }

  ring() {
    this.bell.ring();
  }

  async turn() {
    const wasReady = this.loudspeaker.ready;
    await this.airings.hearBack();
    if (!this.loudspeaker.look()) {
      if (wasReady) for (const airing of this.airings) await this.airings.breakOff(airing, "output_failed");
      this.loudspeaker.resume();
    }
    const reading = this.clock.read();
    await this.watchClock(reading);
    const alerts = await this.soundings.turn(reading);
    await this.airings.mark();
    const until = await this.playOn(reading, alerts.held);
    const now = this.clock.now();
    return Math.min(...until.map((at) => at - now), ...alerts.waits, ...this.airings.waits(), WATCH);
  }

  async playOn(reading, held) {
    const manifest = this.manifests.current;
    if (!manifest || this.bornAt === null) {
      this.loudspeaker.want(this.soundings.media());
      return [];
    }
    await this.takeUp(manifest);
    for (const airing of this.airings) {
      // A manifest also lets go of what is over; a cue that ends a little after its occurrence is not withdrawn.
      const gone = !airing.isAlert && reading.at < airing.cue.occurrenceEndsAt && !holds(this.programme, airing.cue);
      if (gone) await this.airings.breakOff(airing, "withdrawn");
    }
    const plan = agenda(this.programme, this.facts(reading, held), reading.at);
    await this.skip(plan.skips, reading);
    const near = plan.play && plan.play.at - reading.at <= PREPARE ? [plan.play.cue.media] : [];
    this.loudspeaker.want([...this.soundings.media(), ...near]);
    const until = plan.lookAgainAt === null ? [] : [plan.lookAgainAt];
    return plan.play ? [...until, await this.approach(plan.play, reading)] : until;
  }

  facts(reading, held) {
    return {
      clockState: reading.state,
      done: this.done,
      present: this.objects.present,
      bornAt: this.bornAt,
      onAir: [...this.airings].filter((airing) => !airing.isAlert),
      outputReady: this.loudspeaker.ready,
      clockless: this.clockless,
      held,
    };
  }

  // Remember the span in which nothing could be decided, and from when on this journal knows everything.
  async watchClock(reading) {
    if (reading.state === "untrusted") {
      this.clocklessSince ??= reading.monotonic;
      return;
    }
    if (this.clocklessSince !== null) this.clockless = [this.clock.at(this.clocklessSince), reading.at];
    this.clocklessSince = null;
    if (this.bornAt !== null) return;
    this.bornAt = (await this.store.get("facts", "born_at")) ?? this.clock.at(this.started);
    await this.store.put("facts", ["born_at", this.bornAt]).catch(() => {});
  }

  // Lay the programme out anew when the manifest changed or another playlist has come.
  async takeUp(manifest) {
    const wanted = new Set(manifest.occurrences.map((occurrence) => occurrence.playlist));
    const here = [...wanted].filter((sha256) => this.objects.present.has(sha256));
    const known = this.programme?.manifest === manifest && here.every((sha256) => this.playlists.has(sha256));
    if (known) return;
    const playlists = new Map();
    for (const sha256 of here) playlists.set(sha256, this.playlists.get(sha256) ?? (await this.readPlaylist(sha256)));
    this.playlists = playlists;
    this.programme = layOut(manifest, new Map([...playlists].filter(([, playlist]) => playlist)));
    this.attempts = this.journal.attempts(cueId);
    this.done = new Set([...this.attempts.keys()].filter((id) => !this.cutByAlert.has(id)));
  }

  async readPlaylist(sha256) {
    const bytes = await this.objects.read(sha256);
    try {
      return JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      return null;
    }
  }

  async skip(skips, reading) {
    if (!skips.length) return;
    // What was to be begun again has its row already.
    const fresh = skips.filter(({ cue }) => !this.attempts.get(cue.id));
    await this.journal.skip(fresh.map(({ cue, outcome, reason }) => this.row(cue, reading, outcome, reason)));
    for (const { cue } of skips) {
      this.done.add(cue.id);
      this.cutByAlert.delete(cue.id);
    }
  }

  // Hand the next sound over when its time is near and it is decoded; returns when to look again.
  async approach(play, reading) {
    const left = play.at - reading.at;
    if (left > PREPARE) return play.at - PREPARE;
    if (left > HAND_OVER) return play.at - HAND_OVER;
    const buffers = this.loudspeaker.decoded(play.cue.media);
    if (buffers === undefined) return reading.at + WATCH;
    if (buffers === null) {
      await this.skip([{ cue: play.cue, outcome: "failed", reason: "media_incomplete" }], reading);
      return reading.at;
    }
    await this.handOver(play, buffers, reading);
    return reading.at;
  }

  async handOver({ cue, at }, buffers, reading) {
    for (const airing of this.airings) {
      if (!airing.isAlert && cuts(cue, airing.cue) && !airing.begun) await this.airings.breakOff(airing, "interrupted");
    }
    const row = this.row(cue, reading, "partial", "power_cut");
    this.attempts.set(cue.id, row.attempt);
    this.done.add(cue.id);
    this.cutByAlert.delete(cue.id);
    await this.airings.place(
      { cue, row, endsAt: at + cue.duration, isAlert: false, onOver: (airing, stands) => this.over(airing, stands) },
      {
        buffers,
        starts: this.clock.monotonicAt(at) - (this.manifests.current.settings?.output_offset_ms ?? 0),
        gain: row.volume_percent / 100,
        rank: cue.rank,
        cuts: cue.rank === RANK.emergency,
      },
    );
  }

  over(airing, stands) {
    const { id } = airing.cue;
    if (!stands) {
      this.done.delete(id);
      const before = this.attempts.get(id) - 1;
      this.attempts.set(id, before);
      if (before) this.cutByAlert.add(id);
    } else if (beginsAgain(airing.row, airing.cutByAlert)) {
      this.done.delete(id);
      this.cutByAlert.add(id);
    }
  }

  row(cue, reading, outcome, reason) {
    return {
      row_uuid: crypto.randomUUID(),
      occurrence_uuid: cue.occurrence,
      cue_key: cue.key,
      attempt: (this.attempts.get(cue.id) ?? 0) + 1,
      media: cue.media,
      title: cue.title.slice(0, 300),
      planned_at: iso(cue.at),
      started_at: null,
      ended_at: null,
      outcome,
      reason,
      position_ms: 0,
      late_ms: null,
      clock_state: reading.state,
      clock_offset_ms: Math.round(reading.offset * 1000) / 1000,
      boot_id: this.clock.bootId,
      monotonic_ms: Math.max(0, Math.floor(reading.monotonic)),
      manifest_id: this.manifests.current?.manifest_id ?? 0,
      volume_percent: volumeOf(this.manifests.current, cue.at, cue.priority),
    };
  }

  // What sounds, and until when.
  playing() {
    const airing = [...this.airings].find((each) => each.begun);
    return airing ? { title: airing.cue.title || airing.cue.key, until: airing.endsAt } : null;
  }

  // The next cues, for people.
  coming(count) {
    const now = this.clock.now();
    return (this.programme?.cues ?? []).filter((cue) => cue.at > now && !this.done.has(cue.id)).slice(0, count);
  }
}
