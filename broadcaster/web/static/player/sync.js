// The round with the server: time, manifest, objects, rows, heartbeat. What to play is never decided here; a step that
// fails is noted and the next one is tried.

import { Bell } from "./bell.js";
import { instant, iso } from "./instants.js";
import { Stale } from "./manifests.js";
import { Away, bytesOf, Refused } from "./server.js";
import { NotTrusted } from "./signatures.js";
import { volumeOf } from "./timeline.js";

const COMPARE_EVERY = 1_800_000;
const ASK_EACH_WHILE_LISTENING = 900_000;
const ASK_ALERTS = 10_000;
const LONGEST_PAUSE_S = 300;
const FIRST_PLAN_PAUSE_S = 5;
const OBJECT_PAUSE = 30_000;
const LONGEST_OBJECT_PAUSE = 3_600_000;
const ENOUGH_BROKEN = 3;
const BATCH_ROWS = 100;
// While events come the manifest is not asked for: then the others tell that nobody answers.
const CALLS = ["manifest", "rows", "heartbeat"];

export class Sync {
  problems = {};
  lastContact = null;
  missing = 0;
  unknown = false; // the server does not know this player any more
  lookNow = false;
  listening = false;
  failedRounds = 0;
  planned = true;
  askedAt = -Infinity;
  compared = -Infinity;
  backoffs = new Map();
  bell = new Bell();
  courierBell = new Bell();

  // parts: server, clock, manifests, objects, journal, desk, describe (the heartbeat's facts), ring
  constructor(parts) {
    Object.assign(this, parts);
  }

  async run() {
    for (;;) {
      const pause = await this.round();
      await this.bell.wait(pause * 1000);
    }
  }

  // Alerts by asking while no event can bring them, what they need, and what is to be said of them.
  async runCourier() {
    for (let failures = 0; ; ) {
      const left = await this.courier().catch(() => true);
      failures = left ? failures + 1 : 0;
      const retry = left ? Math.min(1000 * 2 ** failures, 30_000) : Infinity;
      await this.courierBell.wait(Math.min(retry, ASK_ALERTS * (0.8 + 0.2 * Math.random())));
    }
  }

  look() {
    this.lookNow = true;
    this.bell.ring();
  }

  async round() {
    const problems = {};
    this.told = problems;
    const steps = { time: "compare", manifest: "takeManifest", objects: "fetchObjects", rows: "sendRows", heartbeat: "sayHowItIs" };
    for (const [name, step] of Object.entries(steps)) {
      try {
        await this[step]();
      } catch (error) {
        problems[name] = error.message;
        if (name === "manifest") this.unknown = error instanceof Refused && [401, 403].includes(error.status);
      }
    }
    if (Object.keys(problems).length < Object.keys(steps).length) this.lastContact = this.clock.now();
    if (!problems.manifest) this.unknown = false;
    this.problems = problems;
    this.ring();
    return this.pauseAfter(CALLS.some((name) => name in problems));
  }

  // Poll time, doubled by each failed round, moved by up to a tenth.
  pauseAfter(away) {
    if (!this.planned) return FIRST_PLAN_PAUSE_S;
    const poll = this.manifests.current?.settings?.poll_seconds ?? FIRST_PLAN_PAUSE_S;
    this.failedRounds = away ? this.failedRounds + 1 : 0;
    const pause = Math.min(poll * 2 ** Math.min(this.failedRounds, 16), Math.max(poll, LONGEST_PAUSE_S));
    return pause * (0.9 + 0.2 * Math.random());
  }

  async compare() {
    const now = this.clock.monotonic();
    if (this.clock.read().state === "trusted" && now - this.compared < COMPARE_EVERY) return;
    await this.clock.compare(this.server, this.manifests.identity.keys);
    this.compared = now;
    this.ring();
  }

  async takeManifest() {
    const now = this.clock.monotonic();
    if (this.planned && this.listening && !this.lookNow && now - this.askedAt < ASK_EACH_WHILE_LISTENING) return;
    this.lookNow = false;
    let answer;
    try {
      answer = await this.server.manifest(this.manifests.etag);
    } catch (error) {
      if (error instanceof Refused) this.planned = error.status !== 404;
      throw error;
    }
    this.planned = true;
    this.askedAt = now;
    if (answer.status === 304) return;
    const before = this.manifests.current;
    const manifest = await this.manifests.accept(await bytesOf(answer), answer.headers);
    this.clock.raiseFloor(instant(manifest.issued_at));
    await this.desk.takeIn(manifest.alerts ?? [], true);
    if (before && manifest.server_epoch > before.server_epoch) await this.journal.sendAgain();
    this.ring();
  }

  async fetchObjects() {
    const manifest = this.manifests.current;
    if (!manifest) return;
    await this.objects.evict(new Set([...manifest.objects.map((ref) => ref.sha256), ...this.desk.needed()]));
    const tried = new Set();
    const problems = [];
    for (;;) {
      const now = this.clock.monotonic();
      const ref = this.inOrder(manifest).find((each) => !tried.has(each.sha256) && (this.backoffs.get(each.sha256)?.until ?? 0) <= now);
      if (!ref || this.desk.missing().length) break;
      tried.add(ref.sha256);
      await this.fetchOne(ref).catch((error) => problems.push(error));
      if (problems.filter((error) => error instanceof Away).length === ENOUGH_BROKEN || this.lookNow) break;
    }
    this.missing = this.inOrder(manifest).length;
    if (problems.length) throw problems[0];
  }

  async fetchOne(ref) {
    try {
      await this.objects.fetch(this.server, ref, () => this.desk.missing().length > 0);
    } catch (error) {
      if (error instanceof Refused || error instanceof NotTrusted) this.putOff(ref.sha256);
      throw error;
    }
    this.backoffs.delete(ref.sha256);
    this.ring();
  }

  // A wrong object is asked for again later, ever less often; the others go on.
  putOff(sha256) {
    const failures = this.backoffs.get(sha256)?.failures ?? 0;
    const pause = Math.min(OBJECT_PAUSE * 2 ** failures, LONGEST_OBJECT_PAUSE);
    this.backoffs.set(sha256, { failures: failures + 1, until: this.clock.monotonic() + pause });
  }

  // What is missing: what is marked first, then playlists, then audio by its first use.
  inOrder(manifest) {
    const uses = [...manifest.occurrences].sort((a, b) => instant(a.starts_at) - instant(b.starts_at)).map((each) => each.playlist);
    uses.push(...this.cues().flatMap((cue) => cue.media));
    const place = new Map([...uses].reverse().map((sha256, n) => [sha256, uses.length - n]));
    const urgent = new Set((manifest.phrases ?? []).flatMap((phrase) => phrase.media));
    const rank = (ref) => (ref.fetch_first || urgent.has(ref.sha256) ? -1 : (place.get(ref.sha256) ?? uses.length + 1));
    return manifest.objects.filter((ref) => !this.objects.present.has(ref.sha256)).sort((a, b) => rank(a) - rank(b));
  }

  async sendRows() {
    for (let rows = this.journal.waiting(); rows.length; rows = this.journal.waiting()) {
      const batch = rows.slice(0, BATCH_ROWS);
      const answers = await this.handIn(batch);
      const sent = new Set(batch.map((row) => row.row_uuid));
      if (!answers.some((answer) => sent.has(answer.row_uuid))) throw new Away("The server acknowledged none of the rows it was sent");
      await this.journal.acknowledge(answers, this.clock.now());
    }
    if (this.clock.read().state !== "untrusted") await this.journal.purge(this.clock.now());
  }

  // Where the server cannot read the lot, one by one, so that a bad row never blocks the others.
  async handIn(rows) {
    try {
      return (await this.server.rows(rows)).rows;
    } catch (error) {
      if (!(error instanceof Refused) || ![400, 413, 422].includes(error.status)) throw error;
      if (rows.length === 1) return [{ row_uuid: rows[0].row_uuid, verdict: "quarantined" }];
      const answers = [];
      for (const row of rows) answers.push(...(await this.handIn([row])));
      return answers;
    }
  }

  async sayHowItIs() {
    const heartbeat = await this.heartbeat();
    const { sent_at, clock_offset_ms, clock_error_ms, uptime_s, disk_free_bytes, output_level_dbfs, ...facts } = heartbeat;
    const news = JSON.stringify(facts);
    if (news === this.said && !this.quiet) {
      this.quiet = true;
      return;
    }
    await this.server.heartbeat(heartbeat);
    this.said = news;
    this.quiet = false;
  }

  async heartbeat() {
    const reading = this.clock.read();
    const manifest = this.manifests.current;
    const room = await navigator.storage?.estimate?.().catch(() => null);
    const { playing, problems, ...more } = this.describe();
    const said = Object.entries(this.told).map(([step, why]) => `${step}: ${why}`.slice(0, 300));
    return {
      sent_at: iso(reading.at),
      clock_state: reading.state,
      clock_offset_ms: Math.round(reading.offset * 1000) / 1000,
      clock_error_ms: Math.round(reading.error * 1000) / 1000,
      clock_source: reading.source,
      playing: playing?.title.slice(0, 300) ?? null,
      playing_until: playing ? iso(playing.until) : null,
      manifest_id: manifest?.manifest_id ?? 0,
      server_epoch: manifest?.server_epoch ?? 0,
      objects_missing: this.missing,
      rows_waiting: this.journal.waiting().length,
      disk_free_bytes: room ? Math.max(0, Math.floor(room.quota - room.usage)) : null,
      volume_percent: volumeOf(manifest, reading.at, "routine"),
      can_relay: false,
      problems: [...problems, ...said].slice(0, 20),
      valid_until: manifest?.valid_until ?? null,
      uptime_s: Math.round(performance.now() / 1000),
      ...more,
    };
  }

  // Returns whether anything is left to be done soon.
  async courier() {
    let left = false;
    const tried = async (work) => {
      await work().catch((error) => {
        left ||= !(error instanceof Stale);
      });
    };
    if (!this.listening) await tried(() => this.askAlerts());
    for (const ref of this.desk.missing()) await tried(() => this.fetchAlertObject(ref));
    await tried(() => this.sendReceipts());
    return left;
  }

  async askAlerts() {
    const answer = await this.server.alerts(this.alertsEtag);
    if (answer.status === 304) return;
    await this.desk.takeIn((await answer.json()).alerts, true);
    this.alertsEtag = answer.headers.get("ETag");
  }

  async fetchAlertObject(ref) {
    await this.objects.fetch(this.server, ref, () => false);
    this.ring();
  }

  async sendReceipts() {
    const receipts = this.journal.receiptsWaiting().slice(0, BATCH_ROWS);
    if (!receipts.length) return;
    await this.server.receipts(receipts);
    await this.journal.receiptsSaid(receipts);
  }
}
