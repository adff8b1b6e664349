// What sounds next, and what will not and why. Pure: the same rules as the native player's timeline (docs/player.md).

import { DAY, fromLocal, instant, instantOrNull, local, startOfDay, timeOfDay } from "./instants.js";

export const TOLERANCE = 250;
const HORIZON = 29 * DAY;
const NEAR = 2 * 3_600_000; // what is further off cannot be next: an old phone is spared the sum
export const RANK = { routine: 0, important: 1, emergency: 2 };

// Lay out manifest and playlists (Map of sha256 to playlist) as cues with their instants.
export function layOut(manifest, playlists) {
  const cues = [];
  const unknown = new Set();
  for (const occurrence of manifest.occurrences) {
    const playlist = playlists.get(occurrence.playlist);
    if (playlist) cues.push(...playlist.cues.map((cue, index) => planned(occurrence, cue, index)));
    else unknown.add(occurrence.occurrence_uuid);
  }
  cues.sort((a, b) => a.at - b.at || compare(a.occurrence, b.occurrence) || a.index - b.index);
  return { manifest, cues, unknown, ids: new Set(cues.map((cue) => cue.id)), validUntil: instant(manifest.valid_until) };
}

export const cueId = (occurrence, key) => `${occurrence}/${key}`;

// Whether a cue is still planned, as far as is known.
export const holds = (programme, cue) => programme.unknown.has(cue.occurrence) || programme.ids.has(cue.id);

// An emergency cuts whatever is none (Circular 39/2020).
export const cuts = (fresh, sounding) => fresh.rank === RANK.emergency && sounding.rank < RANK.emergency;

// Decide at player time `now`. `facts`: clockState, done (Set of ids), present (Set), bornAt, onAir [{cue, endsAt}],
// outputReady, clockless [from, until] or null, held.
export function agenda(programme, facts, now) {
  if (facts.clockState === "untrusted") return { skips: [], play: null, lookAgainAt: null };
  const since = Math.max(facts.bornAt, now - HORIZON);
  const waiting = programme.cues.filter((cue) => cue.at >= since && !facts.done.has(cue.id));
  const skips = waiting.filter((cue) => cue.at <= now).map((cue) => whyNot(programme, facts, cue, now, now)).filter(Boolean);
  const skipped = new Set(skips.map((skip) => skip.cue.id));
  const left = waiting.filter((cue) => !skipped.has(cue.id));
  return { skips, play: next(programme, facts, left, now), lookAgainAt: lookAgain(left, facts, now) };
}

// Once more only after an alert cut it, and only one more time.
export const beginsAgain = (row, cutByAlert) => cutByAlert && row.attempt === 1;

// The volume in percent for what begins at an instant.
export function volumeOf(manifest, at, priority) {
  const settings = manifest?.settings ?? {};
  if (priority === "emergency") return settings.emergency_volume_percent ?? 100;
  const wall = manifest ? local(at, manifest.time_zone) % DAY : 0;
  const span = (settings.volumes ?? []).find((each) => within(timeOfDay(each.from_local), timeOfDay(each.until_local), wall));
  return span?.percent ?? settings.volume_percent ?? 100;
}

const within = (from, until, at) => (from <= until ? from <= at && at < until : at >= from || at < until);
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

function planned(occurrence, cue, index) {
  const start = instant(occurrence.starts_at);
  const at = start + cue.offset_ms;
  const rank = Math.max(RANK[occurrence.priority ?? "routine"] ?? 0, RANK[cue.priority ?? "routine"] ?? 0);
  return {
    id: cueId(occurrence.occurrence_uuid, cue.key),
    occurrence: occurrence.occurrence_uuid,
    occurrenceEndsAt: instant(occurrence.ends_at),
    key: cue.key,
    index,
    rank,
    at,
    title: cue.title ?? "",
    media: cue.media,
    priority: Object.keys(RANK)[rank],
    latestAt: Math.max(at, start + cue.latest_start_ms),
    notBefore: Math.max(at, instantOrNull(cue.not_before) ?? at),
    expiresAt: instantOrNull(cue.expires_at),
    duration: cue.duration_ms,
    isRelay: Boolean(cue.relay),
  };
}

// Why the cue cannot start at `start`, nor ever after; null if it can.
function whyNot(programme, facts, cue, start, now) {
  const skip = (reason, outcome = "skipped") => ({ cue, outcome, reason });
  if (start >= programme.validUntil || (cue.expiresAt !== null && start >= cue.expiresAt)) return skip("expired");
  if (cue.isRelay && !cue.media.length) return skip("relay_unsupported", "failed");
  if (start > cue.latestAt + TOLERANCE) return missed(facts, cue, now, skip);
  const quiet = cue.rank < RANK.emergency && disturbs(programme.manifest, start, start + cue.duration - TOLERANCE);
  return quiet ? skip("quiet_hours") : null;
}

function missed(facts, cue, now, skip) {
  const [from, until] = facts.clockless ?? [Infinity, -Infinity];
  if (from <= cue.latestAt && cue.latestAt < until && until <= now) return skip("clock_untrusted");
  if (!complete(facts, cue)) return skip("media_incomplete");
  return facts.outputReady ? skip("too_late") : skip("output_failed", "failed");
}

function next(programme, facts, waiting, now) {
  if (facts.held || !facts.outputReady) return null;
  const able = waiting
    .filter((cue) => cue.at < now + NEAR && complete(facts, cue))
    .map((cue) => ({ cue, at: earliest(facts, cue, now) }))
    .filter(({ cue, at }) => !whyNot(programme, facts, cue, at, now));
  const free = able.filter((play) => !inTheWay(play, able));
  free.sort((a, b) => a.at - b.at || b.cue.rank - a.cue.rank || a.cue.at - b.cue.at || a.cue.index - b.cue.index);
  return free[0] ?? null;
}

function earliest(facts, cue, now) {
  const busy = facts.onAir.filter((sounding) => !cuts(cue, sounding.cue)).map((sounding) => sounding.endsAt);
  return Math.max(now, cue.notBefore, ...busy);
}

// A late start that would move a cue which is in time and not less urgent: late cues never move others.
function inTheWay(late, others) {
  if (late.at - late.cue.at <= TOLERANCE) return false;
  const end = late.at + late.cue.duration - TOLERANCE;
  const inTime = others.filter((other) => other.cue !== late.cue && other.at - other.cue.at <= TOLERANCE);
  return inTime.some((other) => other.cue.rank >= late.cue.rank && late.at <= other.at && other.at < end);
}

const complete = (facts, cue) => cue.media.every((sha256) => facts.present.has(sha256));

function lookAgain(waiting, facts, now) {
  const instants = waiting.flatMap((cue) => [cue.at, cue.notBefore, cue.latestAt + TOLERANCE + 1, cue.expiresAt ?? now]);
  instants.push(...facts.onAir.map((sounding) => sounding.endsAt));
  const later = instants.filter((at) => at > now);
  return later.length ? later.reduce((a, b) => Math.min(a, b)) : null;
}

// Whether [start, end) touches quiet hours; both local days and the one before are asked (midnight).
function disturbs(manifest, start, end) {
  const quiet = manifest.quiet_hours;
  if (!quiet || timeOfDay(quiet.from_local) === timeOfDay(quiet.until_local)) return false;
  const zone = manifest.time_zone;
  const from = timeOfDay(quiet.from_local);
  const until = timeOfDay(quiet.until_local) + (timeOfDay(quiet.until_local) < from ? DAY : 0);
  const last = local(end, zone);
  for (let day = startOfDay(local(start, zone)) - DAY; day <= last; day += DAY) {
    if (fromLocal(day + from, zone) < Math.max(end, start + 0.001) && start < fromLocal(day + until, zone)) return true;
  }
  return false;
}
