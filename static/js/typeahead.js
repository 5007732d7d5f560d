// An accessible combobox (ARIA 1.2, list autocomplete) over a plain text input.
//
//   <input name="sku" data-typeahead="/inventory/products/options/" autocomplete="off">
//
// The address gets ?q=… and answers _components/typeahead_options.html: <li role="option" data-value="SKU">…</li>.
// Optional: data-typeahead-minimum="2" (letters before it asks). A choice puts data-value into the input and fires "change".
// Without JavaScript the field stays a text input, into which a person types the code.
// Inputs that arrive later (htmx, added rows) are enhanced when they get the focus.
"use strict";

let typeaheads = 0;

class Typeahead {
  constructor(input) {
    this.input = input;
    this.minimum = Number(input.dataset.typeaheadMinimum || 1);
    this.active = -1;
    this.list = document.createElement("ul");
    this.list.id = `typeahead-${++typeaheads}`;
    this.list.className = "typeahead-list";
    this.list.hidden = true;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", input.labels?.[0]?.textContent.trim() || input.getAttribute("aria-label") || "Suggestions");
    const holder = document.createElement("div");
    holder.className = "typeahead";
    const focused = document.activeElement === input;
    input.replaceWith(holder);
    holder.append(input, this.list);
    if (focused) input.focus();
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id, autocomplete: "off", spellcheck: "false" })) input.setAttribute(name, value);
    input.addEventListener("input", () => this.askSoon());
    input.addEventListener("keydown", (event) => this.onKey(event));
    input.addEventListener("blur", () => this.close());
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.choose(event.target.closest("[data-value]")));
  }

  get options() { return [...this.list.querySelectorAll("[data-value]")]; }

  askSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), 150);
  }

  async ask() {
    this.request?.abort();
    const term = this.input.value.trim();
    if (term.length < this.minimum) return this.close();
    this.request = new AbortController();
    const address = new URL(this.input.dataset.typeahead, location.href);
    address.searchParams.set("q", term);
    try {
      const response = await fetch(address, { headers: { "HX-Request": "true" }, signal: this.request.signal });
      if (!response.ok) return this.close();
      this.show(await response.text());
    } catch (error) {
      if (error.name !== "AbortError") this.close();
    }
  }

  show(markup) {
    if (document.activeElement !== this.input) return;
    this.list.innerHTML = markup;
    [...this.list.children].forEach((option, index) => { option.id = `${this.list.id}-${index}`; option.setAttribute("aria-selected", "false"); });
    this.list.hidden = this.list.children.length === 0;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
    this.point(-1);
  }

  point(index) {
    const options = this.options;
    this.active = index >= options.length ? -1 : index < -1 ? options.length - 1 : index;
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === this.active)));
    const option = options[this.active];
    if (option) {
      this.input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else this.input.removeAttribute("aria-activedescendant");
  }

  onKey(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.list.hidden) this.ask();
      else this.point(event.key === "ArrowDown" ? this.active + 1 : this.active - 1);
    } else if (event.key === "Enter" && !this.list.hidden && this.options[this.active]) {
      event.preventDefault();
      this.choose(this.options[this.active]);
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.close();
    }
  }

  choose(option) {
    if (!option) return;
    this.input.value = option.dataset.value;
    this.close();
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  close() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.list.hidden = true;
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

const enhanced = new WeakSet();

function enhance(input) {
  if (enhanced.has(input)) return;
  enhanced.add(input);
  new Typeahead(input);
}

document.addEventListener("focusin", (event) => {
  if (event.target.matches?.("[data-typeahead]")) enhance(event.target);
});
document.querySelectorAll("[data-typeahead]").forEach(enhance);
