// The live page of an alert: as soon as anything is heard from a village the piece is renewed, not at its next turn.

const piece = document.querySelector("[data-live]");
let asking = false;
let again = false;

async function renew() {
  if (asking) return void (again = true);
  asking = true;
  try {
    const answer = await fetch(piece.dataset.refresh, { headers: { Accept: "text/html" } });
    if (answer.ok && !answer.redirected) {
      const holder = document.createElement("template");
      holder.innerHTML = await answer.text();
      const next = holder.content.firstElementChild;
      // The element stays, since page.js renews it too, where events do not come through.
      if (next && !piece.contains(document.activeElement)) document.getElementById("progress").replaceChildren(...next.childNodes);
    }
  } catch {
    // No network: the page keeps what it shows.
  }
  asking = false;
  if (again) {
    again = false;
    renew();
  }
}

if (piece) new EventSource(piece.dataset.live).addEventListener("changed", renew);
