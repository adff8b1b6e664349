// The sentence that sounds is marked; pressing one plays it; a recording heard to its end ticks the box.

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

function wakeApproval(form) {
  const box = form.querySelector("#heard");
  const button = form.querySelector("[data-needs]");
  if (!box || !button) return;
  const recordings = [...document.querySelectorAll(".player audio")];
  const show = () => (button.disabled = !box.checked);
  box.addEventListener("change", show);
  for (const audio of recordings) {
    audio.addEventListener("ended", () => {
      box.checked = box.checked || recordings.every(heardWhole);
      show();
    });
  }
  show();
}

document.querySelectorAll(".player").forEach(follow);
document.querySelectorAll("#decide").forEach(wakeApproval);
