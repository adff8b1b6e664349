// The page of a recording: record with a level in sight, pause, listen, send or record again; or send a chosen file.
// Each few seconds of a recording are kept on this device, so that a call, a reload or a dead network loses nothing.
// Without this script the same form takes a file by its button.

const KEEP_EVERY_MS = 3000;
const LOOK_EVERY_MS = 100;
const JUDGED_OVER = 30; // looks
const WARN_MS = 60_000;
const WAIT_MS = 5000;
const JUDGED_WITHIN_MS = 600_000;
const FLOOR_DB = 50;
const TOO_QUIET_DB = -28;
const TOO_LOUD_DB = -1;
const TYPES = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
const MICROPHONE = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const REFUSALS = { NotAllowedError: "refused", SecurityError: "refused", NotFoundError: "missing" };

const by = (id) => document.getElementById(id);
const form = by("recording-form");
const box = by("recorder");
const say = form.dataset;
const files = [...form.querySelectorAll("[type=file]")];
const { ask, send, pause, keepPiece, keepTake, drop, found, LoggedOut } = await import(say.upload);

let state = "";
let recorder = null;
let pieces = [];
let take = null; // { blob, name, address }, recorded here, found or chosen
let former = null; // the one that was put away for another
let recordedMs = 0;
let looks = [];
let analyser = null;
let pressed = false;

function show(next, words = "") {
  state = next;
  for (const element of form.querySelectorAll("[data-in]")) element.hidden = !element.dataset.in.split(" ").includes(next);
  by("former").hidden = !former || !["ready", "taken"].includes(next);
  by("recorder-state").textContent = words;
  // The pressed button may be gone: who works by keyboard goes on with the next one.
  const focused = document.activeElement;
  if (pressed && (focused === document.body || focused.hidden)) box.querySelector("button:not([hidden])")?.focus();
}

function complain(words) {
  by("refused").hidden = !words;
  by("refused").querySelector("p").textContent = words;
}

async function record() {
  complain("");
  show("asking", say.asking);
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: MICROPHONE });
  } catch (error) {
    show("ready");
    return complain(say[REFUSALS[error.name] ?? "busy"]);
  }
  await putAway();
  const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
  recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: 64_000 });
  take = { name: "", type: recorder.mimeType };
  keepTake(say.key, take);
  pieces = [];
  recorder.ondataavailable = ({ data }) => {
    if (!data.size) return;
    keepPiece(say.key, pieces.length, data);
    pieces.push(data);
  };
  watch(stream);
  recorder.start(KEEP_EVERY_MS);
  show("recording", say.recording);
}

// Looks at the level and the clock until the recording ends.
function watch(stream) {
  const context = new AudioContext();
  analyser = new AnalyserNode(context, { fftSize: 8192 });
  context.createMediaStreamSource(stream).connect(analyser);
  const awake = navigator.wakeLock?.request("screen").catch(() => null);
  recordedMs = 0;
  looks = [];
  let before = performance.now();
  let ending = say.taken;
  const timer = setInterval(() => {
    const now = performance.now();
    if (recorder.state === "recording") recordedMs += now - before;
    before = now;
    look();
    const left = say.longestMs - recordedMs;
    if (state === "recording" && left < WARN_MS) by("recorder-state").textContent = say.soon;
    if (left <= KEEP_EVERY_MS && recorder.state !== "inactive") {
      ending = say.full;
      recorder.stop();
    }
  }, LOOK_EVERY_MS);
  stream.getAudioTracks()[0].onended = () => {
    ending = say.lost;
    if (recorder.state !== "inactive") recorder.stop();
  };
  recorder.onstop = () => {
    clearInterval(timer);
    stream.getTracks().forEach((track) => track.stop());
    context.close();
    awake?.then((lock) => lock?.release());
    take.blob = new Blob(pieces, { type: take.type });
    play(by("recorder-take"), take.blob);
    show("taken", ending);
  };
}

function look() {
  const sound = new Float32Array(analyser.fftSize);
  analyser.getFloatTimeDomainData(sound);
  const peak = sound.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-5);
  const db = 20 * Math.log10(peak);
  by("recorder-level").value = Math.max(0, (db + FLOOR_DB) * (100 / FLOOR_DB));
  looks = [...looks.slice(1 - JUDGED_OVER), db];
  const loudest = Math.max(...looks);
  const word = loudest > TOO_LOUD_DB ? say.loud : loudest < TOO_QUIET_DB ? say.quiet : say.good;
  if (by("recorder-word").textContent !== word) by("recorder-word").textContent = word;
  by("recorder-time").textContent = clock(recordedMs);
}

const clock = (ms) => `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;

// What a browser has recorded does not say how long it is; asked for its end, the player finds out.
function play(audio, blob) {
  URL.revokeObjectURL(audio.src);
  audio.src = URL.createObjectURL(blob);
  audio.onloadedmetadata = () => {
    if (audio.duration !== Infinity) return;
    audio.ondurationchange = () => {
      audio.ondurationchange = null;
      audio.currentTime = 0;
    };
    audio.currentTime = 1e7;
  };
}

// What gives way to another stays at hand until the page is left.
function putAway() {
  if (take?.blob) former = take;
  take = null;
  return drop(say.key);
}

async function takeBack() {
  const back = former;
  former = null;
  await putAway();
  take = { blob: back.blob, name: back.name };
  keep(take);
  play(by("recorder-take"), take.blob);
  show("taken", say.taken);
}

function keep({ blob, name }) {
  keepPiece(say.key, 0, blob);
  keepTake(say.key, { name, type: blob.type });
}

async function deliver() {
  if (take.blob.size > Number(say.largest)) return complain(say.tooBig);
  complain("");
  const was = state;
  show("sending");
  form.querySelectorAll("button, [type=file]").forEach((element) => (element.disabled = true));
  by("sending").hidden = false;
  try {
    for (let judged = false; !judged; ) judged = await deliverOnce();
  } catch (error) {
    complain(error instanceof LoggedOut ? say.login : say.failed);
  }
  form.querySelectorAll("button, [type=file]").forEach((element) => (element.disabled = false));
  by("sending").hidden = true;
  show(was);
}

// Whether the server has said yes or no; false after a cut.
async function deliverOnce() {
  const upload = await send(take.blob, take.name, {
    address: take.address,
    began: (address) => keepTake(say.key, { name: take.name, type: take.blob.type, address: (take.address = address) }),
    told: (bytes) => progress(say.sending, bytes),
    cut: (bytes) => progress(say.waiting, bytes),
  });
  by("sending-words").textContent = say.checking;
  const body = new FormData();
  body.set("upload", upload.split("/").pop());
  body.set("text", form.elements.text.value);
  let answer;
  try {
    answer = await ask(form.action, { method: "POST", headers: { Accept: "application/json" }, body }, JUDGED_WITHIN_MS);
  } catch (error) {
    if (!(error instanceof TypeError || error.name === "TimeoutError")) throw error;
    await pause(WAIT_MS);
    return false;
  }
  if (answer.ok) {
    await drop(say.key);
    location.assign((await answer.json()).address);
    await new Promise(() => {});
  }
  take.address = null;
  complain(answer.status === 422 ? (await answer.json()).problem : say.failed);
  return true;
}

function progress(words, bytes) {
  const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
  const [done, total] = [bytes, take.blob.size].map((size) => number.format(size / 1e6));
  by("sending-progress").value = take.blob.size ? (100 * bytes) / take.blob.size : 0;
  by("sending-words").textContent = words.replace("{done}", done).replace("{total}", total);
}

async function offer() {
  const left = await found(say.key);
  const cannot = !window.isSecureContext ? "insecure" : !navigator.mediaDevices || !window.MediaRecorder ? "too-old" : "";
  if (cannot) by(cannot).hidden = false;
  box.hidden = false;
  if (!left) return show(cannot ? "cannot" : "ready");
  take = left;
  play(by("found-take"), left.blob);
  show("found");
}

const presses = {
  record,
  pause: () => (recorder.pause(), show("paused", say.paused)),
  resume: () => (recorder.resume(), show("recording", say.recording)),
  stop: () => recorder.stop(),
  send: deliver,
  "drop-found": () => putAway().then(offer),
  "take-back": takeBack,
};
form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-press]");
  if (!button) return;
  pressed = true;
  presses[button.dataset.press]();
});

form.addEventListener("submit", async (event) => {
  const file = files.map((input) => input.files[0]).find(Boolean);
  if (!file && state !== "taken") return;
  event.preventDefault();
  if (file) {
    await putAway();
    take = { blob: file, name: file.name };
    keep(take);
  }
  deliver();
});

// A chosen file goes up at once, as a chosen document does; the button is for browsers without this script, and again.
files.forEach((input) => input.addEventListener("change", () => input.files.length && form.requestSubmit()));

offer();
