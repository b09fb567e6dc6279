"use strict";
// Shows only the findings that meet what is chosen; without this all are shown.
const form = document.querySelector("form");
const shown = document.querySelector("output");
function filter() {
  const severity = form.elements.severity.value;
  const clause = form.elements.clause.value;
  const words = form.elements.words.value.toLowerCase();
  let count = 0;
  for (const section of document.querySelectorAll("section.file")) {
    let some = false;
    for (const finding of section.querySelectorAll("article")) {
      const fits = (!severity || finding.classList.contains(severity))
        && (!clause || finding.dataset.clause === clause)
        && (!words || finding.textContent.toLowerCase().includes(words)
          || section.dataset.path.toLowerCase().includes(words));
      finding.hidden = !fits;
      some = some || fits;
      count += fits ? 1 : 0;
    }
    section.hidden = !some;
  }
  shown.textContent = String(count);
}
form.hidden = false;
form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
filter();
