// Every page: pieces that renew themselves, notices that are said once, buttons that answer at once.

// `?did=...` is what the server confirmed: said once, and a draft that was sent need not be kept here any more.
function sayOnce() {
  const address = new URL(location.href);
  if (!address.searchParams.has("did")) return;
  address.searchParams.delete("did");
  history.replaceState(null, "", address);
  try {
    localStorage.removeItem(sessionStorage.getItem("sent-draft"));
    sessionStorage.removeItem("sent-draft");
  } catch {
    // A forbidden store holds nothing to remove.
  }
}

// <div data-refresh="/piece" data-every="10000"> is replaced by the piece; data-settled in it means: load the page anew.
async function renew(piece) {
  if (!piece.isConnected) return;
  if (document.hidden) return void setTimeout(renew, Number(piece.dataset.every), piece);
  try {
    const answer = await fetch(piece.dataset.refresh, { headers: { Accept: "text/html" } });
    if (answer.ok && !answer.redirected) {
      const holder = document.createElement("template");
      holder.innerHTML = await answer.text();
      if (holder.content.querySelector("[data-settled]")) return void location.reload();
      const next = holder.content.firstElementChild;
      // What stays as it is stays where it is: a press that has begun hits, and nothing is read out again.
      if (next && !next.isEqualNode(piece) && !piece.contains(document.activeElement)) {
        piece.replaceWith(next);
        piece = next;
      }
    }
  } catch {
    // No network: the page keeps what it shows and asks again.
  }
  setTimeout(renew, Number(piece.dataset.every), piece);
}

function moveNow() {
  for (const line of document.querySelectorAll("[data-now-from]")) {
    const from = Number(line.dataset.nowFrom);
    const share = (Date.now() / 1000 - from) / (Number(line.dataset.nowUntil) - from);
    line.setAttribute("x", `${Math.min(100, Math.max(0, share * 100))}%`);
  }
}

sayOnce();
document.querySelectorAll("[data-refresh]").forEach((piece) => setTimeout(renew, Number(piece.dataset.every), piece));
document.querySelectorAll("[data-no-script]").forEach((element) => element.remove());
document.querySelectorAll("[data-script-only]").forEach((element) => (element.hidden = false));
document.getElementById("errors")?.focus();
document.querySelectorAll(".chip[aria-current]").forEach((chip) => chip.scrollIntoView({ block: "nearest", inline: "center" }));
setInterval(moveNow, 20_000);

// A second press on a sent form does nothing; coming back by the browser's button wakes it up.
addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  if (event.target.dataset.sent) return void event.preventDefault();
  event.target.dataset.sent = "yes";
});
addEventListener("pageshow", () => document.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent));
// A menu closes when one presses beside it.
addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(".menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
