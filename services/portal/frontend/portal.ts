// What the portal adds to pages that work without it: htmx, and words for those who do not see a swap.
import "htmx.org/dist/htmx.esm.js";
import "htmx.org/dist/ext/hx-csp.js";

// A swapped region says in data-announce what became of the action; the page's live region repeats it.
document.addEventListener("htmx:after:swap", () => {
  const said = document.querySelector<HTMLElement>("[data-announce]");
  const live = document.querySelector<HTMLElement>(".live");
  if (live && said?.dataset.announce !== undefined && live.textContent !== said.dataset.announce) {
    live.textContent = said.dataset.announce;
  }
});

// Printing shows what is folded away, tables below charts above all.
let opened: HTMLDetailsElement[] = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll<HTMLDetailsElement>("details:not([open])")];
  for (const details of opened) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of opened) details.open = false;
});
