// Short sounds: a link with data-listen plays here instead of leaving the page; without this script it opens the sound.

const sound = new Audio();

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-listen]");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  sound.src = link.href;
  sound.play().catch(() => location.assign(link.href));
});
