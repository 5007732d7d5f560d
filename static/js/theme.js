// Runs before the first paint, so that a chosen theme does not flash. The admin keeps its choice under the same key.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  let choice = "auto";
  try { choice = localStorage.getItem("theme") || "auto"; } catch { /* storage may be forbidden: the system decides */ }
  root.dataset.theme = choice;
})();
