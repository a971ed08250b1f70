// Adjudicate: what is chosen for each segment becomes one ruling, kept together or not at all.

import { act, say } from "/static/app.js";

const SINGLE_AT = "coding-single-keys"; // as on the page Read: whether letters work as keys
const one = () => document.getElementById("one");
let busy = false;

async function once(work) {
  if (busy) return;
  busy = true;
  try { await work(); } catch { busy = false; /* said above the page; what was chosen stays */ }
}

function decisions(form) {
  const { cause, reason } = form.elements;
  return [...form.querySelectorAll("fieldset[data-about]")].map((given) => {
    const { about, document: name, digest, start, end, quote } = given.dataset;
    const ruling = given.querySelector("input:checked").value;
    const instead = { document: name, digest, start: +start, end: +end, quote, code: given.querySelector("select").value };
    return { about, ruling, cause: cause.value, reason: reason.value.trim(), ...(ruling === "recode" ? { instead } : {}) };
  });
}

document.addEventListener("submit", (event) => {
  if (event.target.id !== "ruling") return;
  event.preventDefault();
  once(async () => {
    await act("/api/decisions", { decisions: decisions(event.target) });
    location.assign(one().dataset.stay);
  });
});

document.addEventListener("change", ({ target }) => {
  if (target.id === "single-keys") localStorage.setItem(SINGLE_AT, target.checked ? "yes" : "no");
  const select = target.matches("fieldset[data-about] input") && target.closest("fieldset").querySelector("select");
  if (!select) return;
  select.hidden = target.value !== "recode";
  select.required = !select.hidden;
  if (!select.hidden) select.focus();
});

document.addEventListener("click", ({ target }) => {
  const reopened = target.closest("[data-reopen]");
  if (reopened) once(async () => {
    await act("/api/take-back", { ids: reopened.dataset.reopen.split(" ") });
    location.assign(one().dataset.stay);
  });
  if (target.closest("[data-undo]")) undo();
});

function undo() {
  const button = document.querySelector("[data-undo]");
  if (!button) return;
  if (button.disabled) return say("undo", "Your last act was no ruling. Undo it where you did it.");
  once(async () => { await act("/api/undo", {}); location.reload(); });
}

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (localStorage.getItem(SINGLE_AT) === "no" || target.closest("input:not([type=radio]), select, textarea")) return;
  const to = { j: one()?.dataset.after, k: one()?.dataset.before }[key];
  if (to) location.assign(to);
  else if (key === "u") undo();
  else if (key === "?") { const keys = document.getElementById("keys"); keys.open = !keys.open; }
});

// The words of a segment light up while it is pointed at or in focus.
for (const [name, on] of [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]]) {
  document.addEventListener(name, ({ target }) => {
    const id = target.closest?.("[data-lights]")?.dataset.lights;
    if (id) for (const line of document.querySelectorAll(`[data-segment="${CSS.escape(id)}"]`)) line.classList.toggle("lit", on);
  });
}

const single = document.getElementById("single-keys");
if (single) single.checked = localStorage.getItem(SINGLE_AT) !== "no";
