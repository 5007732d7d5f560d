// New order: once the form is on its way, nothing is asked any more; the answer would only be cut off by the next page.
"use strict";

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.closest("form[data-busy]")) event.preventDefault();
});
