// What every page gets: theme switch, one submit per form, confirmation of dangerous actions, told errors of htmx requests.
"use strict";

/* Theme: <button data-theme-choice="auto|light|dark"> */
function showTheme() {
  const current = document.documentElement.dataset.theme || "auto";
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === current));
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-choice]");
  if (!button) return;
  document.documentElement.dataset.theme = button.dataset.themeChoice;
  try { localStorage.setItem("theme", button.dataset.themeChoice); } catch { /* lasts for this page only */ }
  showTheme();
});

/* Flash region: tell(text, "bad" | "warn" | "info" | "good") */
function tell(text, tone = "bad") {
  const region = document.getElementById("messages");
  if (!region) return;
  const alert = document.createElement("div");
  alert.className = `alert alert-${tone}`;
  alert.setAttribute("role", tone === "bad" ? "alert" : "status");
  const mark = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  mark.setAttribute("class", "icon");
  mark.setAttribute("aria-hidden", "true");
  mark.append(document.createElementNS("http://www.w3.org/2000/svg", "use"));
  mark.firstChild.setAttribute("href", `${region.dataset.icons}#${tone === "good" ? "check-circle" : tone === "info" ? "info" : "alert"}`);
  const words = document.createElement("div");
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button button-quiet button-small";
  close.textContent = "Dismiss";
  close.addEventListener("click", () => alert.remove());
  alert.append(mark, words, close);
  region.replaceChildren(alert);
  alert.scrollIntoView({ block: "nearest" });
}

const REFUSALS = {
  400: "The request was not understood. Reload the page and try again.",
  403: "You may not do that, or your session has ended. Reload the page and sign in again.",
  404: "This no longer exists. Reload the page.",
  409: "Somebody else changed this in the meantime. Reload the page and look again.",
  413: "That is too much at once.",
  429: "Too many requests. Wait a moment and try again.",
  503: "Temporarily busy right now. Nothing was changed; try again in a moment.",
};

document.addEventListener("htmx:responseError", (event) => {
  const { status, responseText } = event.detail.xhr;
  const plain = (event.detail.xhr.getResponseHeader("Content-Type") || "").startsWith("text/plain");
  tell(plain && responseText ? responseText.slice(0, 400) : REFUSALS[status] || `Something went wrong (${status}). Nothing was changed.`);
});
document.addEventListener("htmx:sendError", () => tell("The desk cannot be reached. Check the connection and try again."));
document.addEventListener("htmx:timeout", () => tell("The desk took too long to answer. Reload the page to see whether it was done."));

/* One submit per POST form; the pressed button shows that it works. Opt out: data-no-busy. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || "noBusy" in form.dataset) return;
  if (form.dataset.busy) {
    event.preventDefault();
    return;
  }
  form.dataset.busy = "true";
  const button = event.submitter;
  // Only after the browser has collected the form: a disabled button would not send its name and value.
  if (button) setTimeout(() => { button.classList.add("is-busy"); button.setAttribute("aria-disabled", "true"); }, 0);
});

addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-busy]")) {
    delete form.dataset.busy;
    for (const button of form.querySelectorAll(".is-busy")) {
      button.classList.remove("is-busy");
      button.removeAttribute("aria-disabled");
    }
  }
});

/* <button data-confirm="Question" data-confirm-label="Cancel the line">: asks first, also for hx- forms. */
function ask(question, label) {
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "confirm-title");
  const body = document.createElement("div");
  body.className = "dialog-body";
  const title = document.createElement("h2");
  title.id = "confirm-title";
  title.textContent = "Are you sure?";
  const text = document.createElement("p");
  text.textContent = question;
  body.append(title, text);
  const actions = document.createElement("form");
  actions.method = "dialog";
  actions.className = "dialog-actions";
  for (const [value, words, style] of [["no", "Keep as it is", ""], ["yes", label, " button-danger button-solid"]]) {
    const button = document.createElement("button");
    button.value = value;
    button.className = `button${style}`;
    button.textContent = words;
    actions.append(button);
  }
  dialog.append(body, actions);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => { resolve(dialog.returnValue === "yes"); dialog.remove(); });
  });
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-confirm]");
  if (!button || button.dataset.confirmed) return;
  if (button.form && !button.form.reportValidity()) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!(await ask(button.dataset.confirm, button.dataset.confirmLabel || "Yes"))) {
    button.focus();
    return;
  }
  button.dataset.confirmed = "true";
  button.click();
  delete button.dataset.confirmed;
}, true);

/* data-shortcut="/": the key moves the focus there, unless somebody is typing. */
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, [contenteditable]")) return;
  const target = document.querySelector(`[data-shortcut="${CSS.escape(event.key)}"]`);
  if (!target) return;
  event.preventDefault();
  target.focus();
});

/* <select data-submit>: a filter that applies itself. */
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

showTheme();
