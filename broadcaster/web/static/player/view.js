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

// facts: what `factsOf` and `around` of main.js put together
export function show(facts, zone) {
  const state = stateOf(facts);
  by("state").dataset.state = state;
  say("state-words", words[state]);
  by("stop").hidden = facts.alert?.version !== 0;
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
  say("volume", fill(words.percent, { percent: `${facts.volume} %` }));
  say("battery", powerOf(facts.power));
  say("room", roomOf(facts.room));
  by("fleeting").hidden = facts.room?.lasting ?? true;
  by("dark").hidden = facts.awake;
  list(facts.coming, zone);
  offer(facts.phrases);
}

function stateOf(facts) {
  if (!facts.ready) return facts.started ? "silenced" : "press";
  if (facts.alert) return facts.alert.exercise ? "exercise" : "alert";
  if (facts.playing) return "sounding";
  if (facts.clockState === "untrusted") return "clockless";
  if (!facts.manifest) return "planless";
  return facts.over ? "over" : "waits";
}

function powerOf(battery) {
  if (!battery) return words.batteryUnknown;
  return fill(battery.charging ? words.charging : words.unplugged, { level: `${battery.level} %` });
}

function roomOf(room) {
  return room ? fill(words.room, { used: size(room.used), free: size(room.free) }) : words.batteryUnknown;
}

function size(bytes) {
  const [amount, unit] = bytes < 1e9 ? [bytes / 1e6, "MB"] : [bytes / 1e9, "GB"];
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: amount < 10 ? 1 : 0 }).format(amount)} ${unit}`;
}

// Whether a list has become another one since it was last shown.
const shown = {};

function changed(name, list) {
  const before = shown[name];
  shown[name] = JSON.stringify(list);
  return shown[name] !== before;
}

// Each phrase is folded: opened and pressed, so that no single touch calls a village out.
function offer(phrases) {
  if (!changed("phrases", phrases)) return;
  by("phrases").replaceChildren(
    ...phrases.map(({ key, title }) => {
      const fold = by("phrase").content.cloneNode(true);
      fold.querySelector("summary").textContent = title;
      fold.querySelector("button").dataset.phrase = key;
      return fold;
    }),
  );
  by("no-phrases").hidden = phrases.length > 0;
}

function list(cues, zone) {
  const lines = cues.map((cue) => [moment(cue.at, zone), cue.title || cue.key]);
  if (!changed("coming", lines)) return;
  by("coming").replaceChildren(
    ...lines.map(([when, title]) => {
      const line = document.createElement("li");
      const time = document.createElement("strong");
      time.textContent = when;
      line.append(time, ` ${title}`);
      return line;
    }),
  );
  by("coming").hidden = !lines.length;
  by("nothing-coming").hidden = lines.length > 0;
}
