// The web player: puts its parts together. Each part's file says what it does; the rules are those of docs/player.md.

import { AlertDesk } from "./alert_desk.js";
import { Airings } from "./airings.js";
import { Clock } from "./clock.js";
import { Conductor } from "./conductor.js";
import { Events } from "./events.js";
import { instant } from "./instants.js";
import { Journal } from "./journal.js";
import { Manifests } from "./manifests.js";
import { Objects } from "./objects.js";
import { codeOf, isCode, pair, undoUnpair, unpair } from "./pairing.js";
import { alone, Awake, battery, storage } from "./phone.js";
import { Refused, Server } from "./server.js";
import { able, fingerprint } from "./signatures.js";
import { Loudspeaker } from "./sound.js";
import { Soundings } from "./soundings.js";
import { Store } from "./store.js";
import { Sync } from "./sync.js";
import { volumeOf } from "./timeline.js";
import { tone } from "./tone.js";
import { by, only, say, show, words } from "./view.js";

const LOW_BATTERY = 20;
const COMING = 5;

async function open() {
  navigator.serviceWorker?.register("/player/worker.js", { scope: "/player" }).catch((error) => console.warn("no worker", error));
  if (!(await able())) return only(isSecureContext ? "too-old" : "insecure");
  if (!(await alone())) return only("twice");
  const store = await Store.open();
  const server = new Server();
  const identity = await store.get("facts", "identity");
  return identity ? play(store, server, identity) : introduce(store, server);
}

async function introduce(store, server) {
  only("pairing");
  by("undo").hidden = !(await store.get("facts", "former"));
  by("undo-unpair").onclick = () => undoUnpair(store).then(() => location.reload());
  by("code").value = codeOf(location.hash.slice(1));
  by("pairing").onsubmit = async (event) => {
    event.preventDefault();
    const code = codeOf(by("code").value);
    const complain = (text) => {
      say("refused-words", text);
      by("refused").hidden = false;
      by("code").setAttribute("aria-invalid", "true");
      by("code").focus();
    };
    if (!isCode(code)) return complain(words.notACode);
    by("pair").disabled = true;
    say("pair-state", words.pairing);
    try {
      await pair(store, server, code, by("name").value.trim() || words.name);
      history.replaceState(null, "", "/player");
      location.reload();
    } catch (error) {
      complain(error instanceof Refused ? words.wrongCode : words.noAnswer);
    }
    by("pair").disabled = false;
    say("pair-state", "");
  };
}

async function play(store, server, identity) {
  server.token = identity.token;
  const clock = new Clock(store);
  const manifests = new Manifests(store, identity);
  const journal = await Journal.open(store);
  const objects = await Objects.open();
  await clock.open();
  await manifests.open();
  if (manifests.current) clock.raiseFloor(instant(manifests.current.issued_at));

  let conductor = null;
  const ring = () => conductor?.ring();
  const loudspeaker = new Loudspeaker(objects, ring);
  const outputOffset = () => manifests.current?.settings?.output_offset_ms ?? 0;
  const airings = new Airings(clock, journal, loudspeaker, outputOffset);
  const desk = new AlertDesk({ store, clock, identity, journal, objects, ring });
  await desk.open();
  await desk.takeIn(manifests.current?.alerts ?? [], false);
  conductor = new Conductor({ store, clock, journal, manifests, objects, loudspeaker, airings });
  const makeRow = (...facts) => conductor.row(...facts);
  conductor.soundings = new Soundings({ desk, airings, journal, loudspeaker, clock, makeRow });

  let refresh = () => {};
  const awake = new Awake(() => refresh());
  const power = await battery(() => refresh());
  const describe = () => described(conductor, loudspeaker, power(), awake.held);
  const cues = () => conductor.programme?.cues ?? [];
  const sync = new Sync({ server, clock, manifests, objects, journal, desk, describe, cues, ring });
  desk.wanted = () => sync.courierBell.ring();
  const events = new Events(server, {
    onAlert: (signed) => desk.takeIn([signed], true),
    onManifest: () => sync.look(),
    onChange: (connected) => {
      sync.listening = connected;
      if (!connected) sync.courierBell.ring();
    },
  });

  let started = false;
  let waiting = 0;
  const room = storage(() => refresh());
  const around = () => ({ started, power: power(), awake: awake.held, room: room() });
  refresh = () => show({ ...around(), ...factsOf({ conductor, sync, loudspeaker, clock, manifests, journal, objects }) }, zone(manifests));
  const begin = async () => {
    started = (await loudspeaker.resume()) || started;
    awake.ask();
    ring();
    refresh();
  };
  by("start").onclick = begin;
  by("unpair").onclick = () => unpair(store, identity).then(() => location.reload());
  by("test").onclick = async () => {
    await begin();
    const media = [await objects.add(tone())];
    if (!desk.startedHere().length) desk.begin(words.test, media, { exercise: true, repeats: 1 });
  };
  by("stop").onclick = () => desk.stop();
  by("phrases").onclick = async ({ target }) => {
    const phrase = manifests.current?.phrases?.find(({ key }) => key === target.dataset.phrase);
    if (!phrase) return;
    await begin();
    desk.stop();
    desk.begin(phrase.title, phrase.media);
  };
  addEventListener("online", () => sync.look());
  say("village", identity.village_name);
  say("fingerprint", (await Promise.all(identity.keys.map(fingerprint))).join(" "));
  only("playing");
  begin();

  sync.run();
  sync.runCourier();
  events.run();
  conductor.run(() => {
    // What has aired is told at once.
    const rows = journal.waiting().length;
    if (rows > waiting) sync.bell.ring();
    waiting = rows;
    refresh();
  });
}

const zone = (manifests) => manifests.current?.time_zone ?? "Asia/Ho_Chi_Minh";

function factsOf({ conductor, sync, loudspeaker, clock, manifests, journal, objects }) {
  const reading = clock.read();
  const manifest = manifests.current;
  const validUntil = manifest ? instant(manifest.valid_until) : null;
  const call = conductor.soundings.now;
  return {
    ready: loudspeaker.ready,
    now: reading.at,
    clockState: reading.state,
    manifest,
    validUntil,
    over: manifest && reading.at >= validUntil,
    playing: conductor.playing(),
    alert: call,
    coming: conductor.coming(COMING),
    phrases: (manifest?.phrases ?? []).filter(({ media }) => objects.has(media)),
    volume: volumeOf(manifest, reading.at, "routine"),
    missing: sync.missing,
    lastContact: sync.lastContact,
    listening: sync.listening,
    unknown: sync.unknown,
    waiting: journal.waiting().length,
    level: loudspeaker.level(),
  };
}

// What the heartbeat says of this phone; problems are English.
function described(conductor, loudspeaker, power, awake) {
  const problems = [];
  if (!loudspeaker.ready) problems.push("sound: the browser lets this page make no sound until somebody presses Start on the phone");
  if (!awake) problems.push("screen: it is not kept on; when it goes dark the phone may stop this page");
  if (power && !power.charging && power.level <= LOW_BATTERY) problems.push(`battery: ${power.level} % and not plugged in`);
  if (conductor.journal.inMemory) problems.push("disk: the journal waits in memory");
  const version = `web ${by("player").dataset.version}`.slice(0, 40);
  return { playing: conductor.playing(), output_level_dbfs: loudspeaker.level(), cache_bytes: null, version, problems };
}

open();
