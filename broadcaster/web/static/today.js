// What waits for the visitor renews itself; a change of how much it is, is said once to who listens to the page.

const said = document.getElementById("waiting-count");
const count = () => document.querySelector("#waiting [data-said]")?.dataset.said ?? "";

if (said) {
  let before = count();
  new MutationObserver(() => {
    if (count() === before) return;
    before = count();
    said.textContent = before;
  }).observe(said.parentElement, { childList: true });
}
