// Which alert sounds when, and when it is over. Pure: the same rules as the native player's alerts/rules.py.
// A call of version 0 is a phrase that somebody started here. A standing: { call, now, allowed, sounded, repeats, voice {media, length} or null, silentFor or null, sounding }.

import { instant } from "./instants.js";

// What this village hears of an alert; null when it is not addressed.
export function callOf(alert, village) {
  const audience = alert.audiences.find((each) => each.villages.includes(village));
  return audience && {
    uuid: alert.alert_uuid,
    version: alert.version,
    exercise: alert.scope === "exercise",
    title: alert.title,
    issuedAt: instant(alert.issued_at),
    startsAt: instant(alert.starts_at),
    expiresAt: instant(alert.expires_at),
    maxSounding: alert.max_sounding_ms,
    media: audience.media,
    fallback: audience.fallback ?? [],
    repeats: alert.repeats ?? 0,
    pause: alert.pause_ms ?? 0,
    audible: alert.audible ?? true,
    cancelled: alert.cancelled ?? false,
  };
}

// Why an alert is over, null while it is not. A repeat under way is heard to its end or to the limit.
export function endOf(standing) {
  const { call, now } = standing;
  if (call.cancelled) return "cancelled";
  if (!standing.allowed) return null;
  if (now >= call.expiresAt) return "expired";
  return standing.sounding ? null : endBetween(standing);
}

// Whether the loudspeaker is this alert's, its pauses included: nothing planned begins.
export function holdsIt(standing) {
  const { call, now } = standing;
  const hasBegun = standing.allowed && call.audible && now >= call.startsAt;
  const able = standing.voice && !repeated(standing) && !endOf(standing);
  return Boolean(standing.sounding || (hasBegun && able));
}

// Whose repeat comes next: a meant alert before an exercise, then who was silent longest; the newest where unheard.
export function nextUp(standings) {
  const holding = standings.filter(holdsIt);
  const urgent = Math.max(0, ...holding.map(urgency));
  const able = holding.filter((each) => urgency(each) === urgent && !each.sounding);
  const silent = (each) => each.silentFor ?? Number.MAX_VALUE;
  able.sort((a, b) => dueIn(a) - dueIn(b) || silent(b) - silent(a) || b.call.issuedAt - a.call.issuedAt);
  return able[0] ?? null;
}

export function dueIn({ call, now, silentFor }) {
  return Math.max(0, call.startsAt - now, silentFor === null ? 0 : call.pause - silentFor);
}

// How much of the next repeat may sound: nothing after its expiry or its longest sounding time.
export function mayLast(standing) {
  const { call, now, sounded, voice } = standing;
  return Math.max(0, Math.min(voice.length, call.maxSounding - sounded, call.expiresAt - now - dueIn(standing)));
}

// Whether a repeat interrupts another alert's: a meant one an exercise, a newer one of its kind once.
export function cutsAlert(fresh, sounding) {
  if (urgency(fresh) !== urgency(sounding)) return urgency(fresh) > urgency(sounding);
  const unheard = fresh.silentFor === null && dueIn(fresh) <= 0;
  return unheard && fresh.call.issuedAt > sounding.call.issuedAt;
}

// Whether a repeat of a former version may sound on: the newer one says the same, and no shorter.
export function goesOn(former, { call, voice }, media) {
  const longer = call.expiresAt >= former.expiresAt && call.maxSounding >= former.maxSounding;
  const says = voice && same(voice.media, media) && call.exercise === former.exercise;
  return Boolean(says && longer && call.audible && !call.cancelled);
}

// Whether what sounds only stood in for the alert's own words, which are here now.
export const outspoken = ({ call, voice }, media) => Boolean(voice && same(voice.media, call.media) && !same(call.media, media));

export const changesIn = ({ call, now, ...rest }) => [dueIn({ call, now, ...rest }), call.startsAt - now, call.expiresAt - now];

function endBetween(standing) {
  const { call, voice, now, sounded } = standing;
  // A silent drill has done what it is for as soon as it could be heard.
  if (!call.audible) return voice && now >= call.startsAt ? "silent" : null;
  // The fallback is repeated as often, but then its own audio may still come.
  if (voice && same(voice.media, call.media) && repeated(standing)) return "repeated";
  const left = Math.min(call.maxSounding - sounded, call.expiresAt - now);
  // Half a repeat is worth nothing to those who heard a whole one.
  const tooLong = voice && standing.repeats > 0 && voice.length > left;
  return tooLong || left <= 0 ? "longest" : null;
}

const same = (a, b) => a.join() === b.join();
const urgency = ({ call }) => (call.exercise ? 1 : 2);
const repeated = ({ call, repeats }) => call.repeats > 0 && repeats >= call.repeats;
