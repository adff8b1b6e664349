// What the page shows. Words come from the template's data attributes; nothing is decided here.

const by = (id) => document.getElementById(id);
const words = by("player").dataset;
const language = document.documentElement.lang;

export { by, words };

export const fill = (sentence, facts) => sentence.replace(/\{(\w+)\}/g, (_, name) => facts[name]);

export function only(name) {
  for (const part of document.querySelectorAll("[data-part]")) part.hidden = !part.dataset.part.split(" ").includes(name);
}

export function say(id, text) {
  const place = by(id);
  if (place.textContent !== text) place.textContent = text;
}

export function clock(at, zone, seconds = false) {
  const fields = { hour: "2-digit", minute: "2-digit", ...(seconds && { second: "2-digit" }) };
  return new Intl.DateTimeFormat(language, { ...fields, hourCycle: "h23", timeZone: zone }).format(at);
}

function moment(at, zone) {
  const day = { weekday: "short", day: "2-digit", month: "2-digit", timeZone: zone };
  return `${clock(at, zone)} ${new Intl.DateTimeFormat(language, day).format(at)}`;
}

// facts: started, ready, clockState, manifest, playing, alert, coming, missing, lastContact, listening, unknown, waiting,
// battery, awake, level, over
export function show(facts, zone) {
  const state = stateOf(facts);
  by("state").dataset.state = state;
  say("state-words", words[state]);
  say("playing", facts.playing ? fill(words.until, { title: facts.playing.title, time: clock(facts.playing.until, zone, true) }) : "");
  by("playing").hidden = !facts.playing;
  by("level").value = facts.level === null ? 0 : Math.max(0, facts.level + 60);
  by("start").hidden = facts.ready;
  say("contact", facts.lastContact ? clock(facts.lastContact, zone, true) : words.never);
  say("line", facts.unknown ? words.unknown : facts.listening ? words.connected : words.offline);
  say("clock", fill(words[`clock_${facts.clockState}`], { time: clock(facts.now, zone, true) }));
  say("missing", facts.missing ? fill(words.fetching, { count: facts.missing }) : words.whole);
  say("waiting", facts.waiting ? fill(words.rows, { count: facts.waiting }) : words.told);
  say("valid", facts.manifest ? moment(facts.validUntil, zone) : words.noPlan);
  say("battery", powerOf(facts.battery));
  by("dark").hidden = facts.awake;
  list(facts.coming, zone);
}

function stateOf(facts) {
  if (!facts.ready) return facts.started ? "silenced" : "press";
  if (facts.alert) return "alert";
  if (facts.playing) return "sounding";
  if (facts.clockState === "untrusted") return "clockless";
  if (!facts.manifest) return "planless";
  return facts.over ? "over" : "waits";
}

function powerOf(battery) {
  if (!battery) return words.batteryUnknown;
  return fill(battery.charging ? words.charging : words.unplugged, { level: `${battery.level} %` });
}

let shown = "";

function list(cues, zone) {
  const lines = cues.map((cue) => [moment(cue.at, zone), cue.title || cue.key]);
  const text = JSON.stringify(lines);
  if (text === shown) return;
  shown = text;
  by("coming").replaceChildren(
    ...lines.map(([when, title]) => {
      const line = document.createElement("li");
      const time = document.createElement("strong");
      time.textContent = when;
      line.append(time, ` ${title}`);
      return line;
    }),
  );
  by("nothing-coming").hidden = lines.length > 0;
}
