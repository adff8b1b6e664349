// Instants as milliseconds since 1970 (with a fraction: the server counts microseconds), and a village's wall clock.

export const DAY = 86_400_000;
const formats = new Map();

// Milliseconds of an ISO instant; NaN if it is none.
export function instant(text) {
  const [, whole, fraction = "0", zone = ""] = /^([^.]*?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(text ?? "") ?? [];
  return whole ? Date.parse(whole + zone) + Number(`0.${fraction}`) * 1000 : NaN;
}

export const instantOrNull = (text) => (text ? instant(text) : null);

export function iso(at) {
  const micros = Math.round(at * 1000);
  const ms = Math.floor(micros / 1000);
  return new Date(ms).toISOString().replace("Z", `${String(micros - ms * 1000).padStart(3, "0")}Z`);
}

// Milliseconds since midnight of "17:30" or "17:30:05.5".
export function timeOfDay(text) {
  const [hours, minutes, seconds = "0"] = text.split(":");
  return (Number(hours) * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1000;
}

// The wall clock of an instant in a zone, as if it were UTC. Throws RangeError for a zone that this browser lacks.
export function local(at, zone) {
  if (!formats.has(zone)) {
    const fields = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" };
    formats.set(zone, new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", ...fields }));
  }
  const part = Object.fromEntries(formats.get(zone).formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const seconds = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
  return seconds + (((at % 1000) + 1000) % 1000);
}

// The instant of a wall clock (as `local` gives it). Twice: the offset of the guess may be that of another season.
export function fromLocal(wall, zone) {
  const guess = wall - (local(wall, zone) - wall);
  return wall - (local(guess, zone) - guess);
}

export const startOfDay = (wall) => Math.floor(wall / DAY) * DAY;
