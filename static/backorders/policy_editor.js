// The editor of a policy: another field asks for its comparisons, and segments can be dragged. Both press a button that
// the page would have without this file.
(() => {
  const form = document.getElementById("policy-editor");
  if (!form) return;

  const press = (action) => {
    const button = document.createElement("button");
    button.name = "act";
    button.value = action;
    button.formNoValidate = true;
    button.hidden = true;
    form.append(button);
    form.requestSubmit(button);
  };

  form.addEventListener("change", (event) => {
    const action = event.target.dataset.refresh;
    if (action) press(action);
  });

  let dragged = null;
  for (const card of form.querySelectorAll("[data-segment]")) {
    const header = card.querySelector(".card-header");
    header.draggable = true;
    header.addEventListener("dragstart", (event) => {
      event.dataTransfer.setData("text/plain", card.dataset.segment);
      dragged = card;
      card.classList.add("is-dragged");
    });
    header.addEventListener("dragend", () => { dragged = null; card.classList.remove("is-dragged"); });
    card.addEventListener("dragover", (event) => {
      if (!dragged || dragged === card) return;
      event.preventDefault();
      card.classList.add("is-target");
    });
    card.addEventListener("dragleave", () => card.classList.remove("is-target"));
    card.addEventListener("drop", (event) => {
      event.preventDefault();
      if (dragged) press(`${dragged.dataset.segment}.to.${card.dataset.segment.slice(1)}`);
    });
  }
})();
