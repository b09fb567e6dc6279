const form = document.querySelector("form");
const none = document.getElementById("none");
const sections = [...document.querySelectorAll("main > section")];
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const texts = sections.map((section) => plain(section.textContent));
form.hidden = false;
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", () => {
  const words = plain(form.elements.words.value).split(/\s+/).filter(Boolean);
  let shown = 0;
  sections.forEach((section, number) => {
    section.hidden = !words.every((word) => texts[number].includes(word));
    shown += section.hidden ? 0 : 1;
  });
  none.textContent = shown ? "" : none.dataset.text;
});
