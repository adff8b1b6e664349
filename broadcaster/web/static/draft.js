// Writing: nothing typed is ever lost. Kept on this device at each change, on the server every few seconds, and the
// reading beside the text is renewed while one types. Without this script the same form works by its buttons.

const SAVE_AFTER_MS = 3000;
const READ_AFTER_MS = 700;
const RETRY_MS = 10_000;

const form = document.getElementById("announcement");
const state = document.getElementById("save-state");
const reading = document.getElementById("reading");
const restored = document.getElementById("restored");
const say = form.dataset;
// Per person, so that two people at one machine do not find each other's words.
const key = () => `draft:${say.person}:${new URL(form.action).pathname}`;

let saved = fields();
let sending = null; // what the last save to leave this device held, whether or not its answer came
let saving = null;
let saveTimer;
let readTimer;
let conflict = false;
let unreachable = false;
let pressedAgain = false;

// What belongs to the draft: neither its save counter nor what serves one press only.
function fields(of = form) {
  const typed = new URLSearchParams(new FormData(of));
  typed.delete("edits");
  for (const aside of of.querySelectorAll("[data-aside]")) typed.delete(aside.name);
  // "All villages" means the same whichever of them are ticked below it.
  if (typed.get("where") === "all") typed.delete("villages");
  return typed.toString();
}

// As the server keeps it: white space at the ends is nobody's word.
function same(one, other) {
  const trimmed = (typed) => JSON.stringify([...new URLSearchParams(typed)].map(([name, value]) => [name, value.replace(/\r\n/g, "\n").trim()]));
  return one !== null && other !== null && trimmed(one) === trimmed(other);
}

function keep() {
  try {
    localStorage.setItem(key(), JSON.stringify({ typed: fields(), edits: form.elements.edits.value, sending }));
  } catch {
    // A full or forbidden store: the server's copy is enough.
  }
}

function drop() {
  try {
    localStorage.removeItem(key());
  } catch {
    // As above.
  }
}

function fill(typed) {
  const values = new URLSearchParams(typed);
  for (const element of form.elements) {
    if (!element.name || element.name === "edits" || element.type === "submit" || "aside" in element.dataset) continue;
    if (element.type === "checkbox" || element.type === "radio") {
      element.checked = values.getAll(element.name).includes(element.value);
    } else if (values.has(element.name)) {
      element.value = values.get(element.name);
    }
  }
}

function restore() {
  let kept = null;
  try {
    // Confirmed by the server, or sent under another name (a new announcement that has its own address now).
    const sent = sessionStorage.getItem("sent-draft");
    const isConfirmed = new URLSearchParams(location.search).has("did");
    if (sent && (isConfirmed || sent !== key())) localStorage.removeItem(sent);
    kept = JSON.parse(localStorage.getItem(key()));
  } catch {
    return;
  }
  // Beside somebody else's words: only a press replaces them.
  if (say.held === "theirs") {
    conflict = true;
    return void keep();
  }
  // The page shows words that the server may not hold: an answer with something wrong in it, or converted words.
  if (say.held !== "yes") {
    saved = "";
    return void changed();
  }
  if (!kept || same(kept.typed, saved)) return void drop();
  sending = kept.sending ?? null;
  // Behind a newer save that is not our own, the kept words keep their old counter: the server then tells of both.
  if (Number(kept.edits) < Number(form.elements.edits.value) && !same(sending, saved)) form.elements.edits.value = kept.edits;
  fill(kept.typed);
  restored.hidden = false;
  read();
  changed();
}

function changed() {
  keep();
  if (fields() === saved || conflict) return;
  state.textContent = say.waiting;
  clearTimeout(saveTimer);
  saveTimer = setTimeout(save, SAVE_AFTER_MS);
}

async function save() {
  if (saving || conflict) return;
  const typed = fields();
  if (typed === saved) return;
  state.textContent = say.saving;
  const sentBefore = sending;
  sending = typed;
  keep();
  saving = send();
  let answer = null;
  try {
    answer = await saving;
  } catch {
    // No network.
  }
  saving = null;
  unreachable = answer === null;
  if (answer === null || answer.status >= 500) {
    state.textContent = say.offline;
    saveTimer = setTimeout(save, RETRY_MS);
  } else if (answer.status === 409) {
    if (await isOurOwn([sentBefore, typed])) return void changed();
    conflict = true;
    state.textContent = (await answer.json()).conflict;
  } else if (answer.redirected) {
    askToLogIn();
  } else if (answer.ok) {
    await kept(answer, typed);
  } else {
    state.textContent = say.waiting;
  }
}

function send() {
  const body = new URLSearchParams(fields());
  body.set("edits", form.elements.edits.value);
  body.set("do", "save");
  return fetch(form.action, { method: "POST", headers: { Accept: "application/json" }, body });
}

// A save that was under way when the page was left may have arrived: what the server holds then came from here.
async function isOurOwn(ours) {
  try {
    const answer = await fetch(form.action, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const theirs = page.getElementById("announcement");
    if (!theirs || !ours.some((typed) => same(typed, fields(theirs)))) return false;
    form.elements.edits.value = theirs.elements.edits.value;
    saved = ours.find((typed) => same(typed, fields(theirs)));
    if (fields() === saved) {
      drop();
      tellSaved();
    }
    return true;
  } catch {
    return false;
  }
}

function askToLogIn() {
  const link = document.createElement("a");
  link.href = `/login?next=${encodeURIComponent(new URL(form.action).pathname)}`;
  link.textContent = say.logIn;
  state.replaceChildren(`${say.loggedOut} `, link);
}

async function kept(answer, typed) {
  const { address, edits } = await answer.json();
  drop();
  saved = typed;
  form.elements.edits.value = edits;
  if (new URL(form.action).pathname !== address) {
    form.action = address;
    history.replaceState(null, "", address);
  }
  tellSaved();
  if (fields() !== saved) changed();
}

function tellSaved() {
  restored.hidden = true;
  const clock = { hour: "2-digit", minute: "2-digit", timeZone: say.zone };
  const time = new Date().toLocaleTimeString(document.documentElement.lang, clock);
  state.textContent = say.kept.replace("{time}", time);
}

async function read() {
  try {
    const body = new URLSearchParams({ text: form.elements.text.value, title: form.elements.title.value });
    const answer = await fetch(reading.dataset.address, { method: "POST", body });
    if (answer.ok && !answer.redirected) reading.innerHTML = await answer.text();
  } catch {
    // No network: the reading stays as it was.
  }
}

// Which languages are asked for follows from the villages: the section is made anew when they have been saved.
async function renewParts() {
  const section = document.querySelector("#parts > .stack");
  try {
    const body = new URLSearchParams(fields());
    const answer = await fetch(section.dataset.address, { method: "POST", body });
    if (answer.ok && !answer.redirected) section.innerHTML = await answer.text();
    if (section.querySelector(".parts button")) section.parentElement.open = true;
  } catch {
    // No network: it stays as it was.
  }
}

form.addEventListener("input", (event) => {
  const { name } = event.target;
  if ("aside" in event.target.dataset) return;
  changed();
  if (["where", "villages", "priority"].includes(name)) renewParts();
  if (name !== "text" && name !== "title") return;
  clearTimeout(readTimer);
  readTimer = setTimeout(read, READ_AFTER_MS);
});

// A chosen file is taken at once; one that the server would refuse is not sent over a weak network first.
form.elements.file.addEventListener("change", ({ target }) => {
  const [file] = target.files;
  if (!file) return;
  if (file.size <= Number(target.dataset.largest)) return void form.requestSubmit(form.querySelector("[value=import]"));
  state.textContent = target.dataset.tooBig.replace("{size}", Math.ceil(file.size / 2 ** 20));
  target.value = "";
});

// A word that is read otherwise leads to its line.
reading.addEventListener("click", (event) => {
  const word = event.target.closest("a.changed");
  if (!word) return;
  event.preventDefault();
  const line = document.getElementById(word.hash.slice(1));
  line.closest("details").open = true;
  line.focus();
  line.scrollIntoView({ block: "nearest" });
});

// A save under way would make the pressed one come second: wait for it, then press again.
form.addEventListener("submit", (event) => {
  clearTimeout(saveTimer);
  keep();
  try {
    sessionStorage.setItem("sent-draft", key());
  } catch {
    // As above.
  }
  const button = event.submitter;
  if (saving) {
    event.preventDefault();
    saving.catch(() => null).then(() => setTimeout(() => form.requestSubmit(button), 50));
  } else if ((unreachable || !navigator.onLine) && !pressedAgain) {
    event.preventDefault();
    pressWhenReachable(button);
  }
  pressedAgain = false;
});

// Without a network the browser would put an error of its own in the place of the form.
async function pressWhenReachable(button) {
  try {
    await fetch("/health", { cache: "no-store", signal: AbortSignal.timeout(5000) });
  } catch {
    state.textContent = say.offline;
    saveTimer = setTimeout(save, RETRY_MS);
    return;
  }
  pressedAgain = true;
  form.requestSubmit(button);
}

for (const button of document.querySelectorAll("[data-discard]")) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    drop();
    location.replace(form.action.endsWith("/new") ? "/announcements/new" : form.action);
  });
}

addEventListener("online", save);
restore();
