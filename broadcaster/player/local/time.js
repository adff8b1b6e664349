// Sends the phone's own time along with the press, as it is at that moment.
for (const form of document.querySelectorAll("form[data-time]")) {
  form.querySelector(".typed").hidden = true;
  form.addEventListener("submit", () => {
    form.elements.at.value = new Date().toISOString();
  });
}
