// The worklist: how many lines are selected, and all of the page at once. Without it the boxes and buttons work as they are.
"use strict";

function boxes() {
  return [...document.querySelectorAll('#selection input[name="line"]')];
}

function showSelection() {
  const all = boxes();
  const chosen = all.filter((box) => box.checked);
  for (const box of all) box.closest("tr").classList.toggle("is-selected", box.checked);
  const head = document.querySelector("[data-select-all]");
  if (head) {
    head.checked = all.length > 0 && chosen.length === all.length;
    head.indeterminate = chosen.length > 0 && chosen.length < all.length;
  }
  const told = document.querySelector("[data-selected]");
  if (told) told.textContent = chosen.length ? `${chosen.length} selected` : "";
  for (const button of document.querySelectorAll("[data-needs-selection]")) button.disabled = chosen.length === 0;
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-select-all]")) {
    for (const box of boxes()) box.checked = event.target.checked;
  } else if (!event.target.matches('#selection input[name="line"]')) {
    return;
  }
  showSelection();
});
document.addEventListener("htmx:afterSettle", showSelection);
addEventListener("pageshow", showSelection);
showSelection();
