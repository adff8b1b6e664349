// The sentence that sounds is marked; pressing one plays it; once all was heard to the end, it can be approved.

const CLOSE_TO_END_S = 1.5;

function follow(figure) {
  const audio = figure.querySelector("audio");
  const sentences = [...figure.querySelectorAll("[data-start]")];
  audio.addEventListener("timeupdate", () => {
    const at = audio.currentTime * 1000;
    for (const sentence of sentences) {
      const sounds = at >= Number(sentence.dataset.start) && at < Number(sentence.dataset.end);
      if (sounds) sentence.setAttribute("aria-current", "true");
      else sentence.removeAttribute("aria-current");
    }
  });
  audio.addEventListener("ended", () => sentences.forEach((sentence) => sentence.removeAttribute("aria-current")));
  for (const sentence of sentences) {
    sentence.addEventListener("click", () => {
      audio.currentTime = Number(sentence.dataset.start) / 1000;
      audio.play();
    });
  }
}

// Heard is what was really played: the played ranges, joined, must reach from the start to the end.
function heardWhole(audio) {
  let reached = 0;
  for (let i = 0; i < audio.played.length; i++) {
    if (audio.played.start(i) > reached + CLOSE_TO_END_S) return false;
    reached = Math.max(reached, audio.played.end(i));
  }
  return reached >= audio.duration - CLOSE_TO_END_S;
}

// What was heard stays heard while this tab is open: its name tells its bytes, so other audio is not taken for it.
const memory = {
  key: (form, audio) => `heard ${form.dataset.listener} ${audio.getAttribute("src")}`,
  knows(form, audio) {
    try {
      return sessionStorage.getItem(this.key(form, audio)) !== null;
    } catch {
      return false;
    }
  },
  keep(form, audio) {
    try {
      sessionStorage.setItem(this.key(form, audio), "yes");
    } catch {
      // A forbidden store: heard again after a reload.
    }
  },
};

function wakeApproval(form) {
  const button = form.querySelector("[data-needs-heard]");
  if (!button) return;
  const recordings = [...document.querySelectorAll(".player audio")];
  const heard = new Set(recordings.filter((audio) => memory.knows(form, audio)));
  const said = Object.assign(document.createElement("input"), { type: "hidden", name: "heard", value: "to_the_end" });
  const show = () => {
    for (const audio of heard) audio.closest("[data-part]").querySelector("[data-heard]").hidden = false;
    button.disabled = heard.size < recordings.length;
    if (!button.disabled) form.append(said);
  };
  for (const audio of recordings) {
    audio.addEventListener("ended", () => {
      if (!heardWhole(audio)) return;
      heard.add(audio);
      memory.keep(form, audio);
      show();
    });
  }
  show();
}

document.querySelectorAll(".player").forEach(follow);
document.querySelectorAll("#decide").forEach(wakeApproval);
