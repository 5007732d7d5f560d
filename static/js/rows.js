// Adding and removing rows of a Django formset.
//
//   <div data-rows="lines">                              the formset's prefix
//     {{ formset.management_form }}
//     … data-rows-body … <tr data-row> … <button type="button" data-rows-remove>
//     <template data-rows-template>                      the same row from formset.empty_form, with __prefix__
//     <button type="button" data-rows-add>
//   </div>
//
// Without JavaScript the server offers a few blank rows. A removed row is blanked (or its DELETE box ticked) and hidden: its
// number stays, as Django expects them without gaps.
"use strict";

function addRow(area) {
  const total = area.querySelector(`[name="${area.dataset.rows}-TOTAL_FORMS"]`);
  const markup = area.querySelector("[data-rows-template]").innerHTML.replaceAll("__prefix__", total.value);
  const holder = document.createElement("template");
  holder.innerHTML = markup.trim();
  const row = holder.content.firstElementChild;
  area.querySelector("[data-rows-body]").append(row);
  total.value = Number(total.value) + 1;
  if (window.htmx) window.htmx.process(row);
  row.dispatchEvent(new CustomEvent("rows:added", { bubbles: true }));
  row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
}

function removeRow(area, row) {
  const mark = row.querySelector('[name$="-DELETE"]');
  if (mark) mark.checked = true;
  else for (const input of row.querySelectorAll("input, select, textarea")) input.value = "";
  for (const input of row.querySelectorAll("[required]")) input.required = false;
  row.hidden = true;
  area.dispatchEvent(new CustomEvent("rows:removed", { bubbles: true }));
  area.querySelector("[data-rows-add]")?.focus();
}

document.addEventListener("click", (event) => {
  const area = event.target.closest("[data-rows]");
  if (!area) return;
  if (event.target.closest("[data-rows-add]")) addRow(area);
  const remove = event.target.closest("[data-rows-remove]");
  if (remove) removeRow(area, remove.closest("[data-row]"));
});
