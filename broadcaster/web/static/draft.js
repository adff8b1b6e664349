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
let saving = null;
let saveTimer;
let readTimer;
let conflict = false;

function fields() {
  const typed = new URLSearchParams(new FormData(form));
  typed.delete("edits");
  return typed.toString();
}

function keep() {
  try {
    localStorage.setItem(key(), JSON.stringify({ typed: fields(), edits: form.elements.edits.value }));
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
    if (!element.name || element.name === "edits" || element.type === "submit") continue;
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
    // Sent under another name (a new announcement that has its own address now): confirmed, since we are here.
    const sent = sessionStorage.getItem("sent-draft");
    if (sent && sent !== key()) localStorage.removeItem(sent);
    kept = JSON.parse(localStorage.getItem(key()));
  } catch {
    return;
  }
  // The page shows words that the server may not hold: an answer to a save with something wrong in it.
  if (say.saved !== "yes") return void keep();
  if (!kept || kept.typed === saved) return void drop();
  if (Number(kept.edits) < Number(form.elements.edits.value)) return void drop();
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
  saving = send();
  let answer = null;
  try {
    answer = await saving;
  } catch {
    // No network.
  }
  saving = null;
  if (answer === null || answer.status >= 500) {
    state.textContent = say.offline;
    saveTimer = setTimeout(save, RETRY_MS);
  } else if (answer.status === 409) {
    conflict = true;
    state.textContent = (await answer.json()).conflict;
  } else if (answer.ok && !answer.redirected) {
    await kept(answer, typed);
  } else {
    state.textContent = say.waiting;
  }
}

function send() {
  const body = new URLSearchParams(new FormData(form));
  body.set("do", "save");
  return fetch(form.action, { method: "POST", headers: { Accept: "application/json" }, body });
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
  const clock = { hour: "2-digit", minute: "2-digit", timeZone: say.zone };
  const time = new Date().toLocaleTimeString(document.documentElement.lang, clock);
  state.textContent = say.kept.replace("{time}", time);
  if (fields() !== saved) changed();
}

async function read() {
  try {
    const body = new URLSearchParams({ text: form.elements.text.value });
    const answer = await fetch(reading.dataset.address, { method: "POST", body });
    if (answer.ok && !answer.redirected) reading.innerHTML = await answer.text();
  } catch {
    // No network: the reading stays as it was.
  }
}

form.addEventListener("input", (event) => {
  changed();
  if (event.target.name !== "text") return;
  clearTimeout(readTimer);
  readTimer = setTimeout(read, READ_AFTER_MS);
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
  if (!saving) return;
  event.preventDefault();
  const button = event.submitter;
  saving.catch(() => null).then(() => setTimeout(() => form.requestSubmit(button), 50));
});

for (const button of document.querySelectorAll("[data-discard]")) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    drop();
    location.replace(form.action.endsWith("/new") ? "/announcements/new" : form.action);
  });
}

addEventListener("online", save);
restore();
