// Conflicts: one ruling on all that is contested, kept together or not at all; then the next one.

import { act, say, unsay } from "/static/app.js";

const SINGLE_AT = "coding-single-keys"; // as on the page Read: whether letters work as keys
const RULED = "coding-conflicts-ruled"; // where the addresses of what was ruled on here are kept, for undo

const $ = (selector) => document.querySelector(selector);
const one = () => $("#one");
let busy = false;

/** Do something that leads to another page, once: keys pressed meanwhile rule on nothing. */
async function once(work) {
  if (busy) return;
  busy = true;
  try { await work(); } catch { busy = false; /* said above the page; what was written stays */ }
}

const trail = () => JSON.parse(sessionStorage.getItem(RULED) ?? "[]");
const keepTrail = (places) => sessionStorage.setItem(RULED, JSON.stringify(places.slice(-500)));

/** Go to an address, also if it is this one. */
function go(to) {
  if (!to || to === location.pathname + location.search) location.reload(); else location.assign(to);
}

// ---- ruling

function rule(ruling, reason = $("#reason").value.trim()) {
  const { contested, after, stay } = one().dataset;
  const cause = $("#cause").value || null;
  once(async () => {
    await act("/api/decisions", { decisions: contested.split(" ").map((about) => ({ about, ruling, reason, cause })) });
    keepTrail([...trail(), stay]);
    go(after ?? stay);
  });
}

const given = () => $("#reason").value.trim() || $("#cause").value;

/** Ask once why, if neither a reason is there yet nor what the conflict came from. */
function reject() {
  if (given()) return rule("reject");
  $("#reject").hidden = false;
  $("[aria-controls=reject]").setAttribute("aria-expanded", "true");
  $("#reason").focus();
}

const rejecting = () => $("#reject") && !$("#reject").hidden;

function close() {
  $("#reject").hidden = true;
  $("[aria-controls=reject]").setAttribute("aria-expanded", "false");
  one().focus({ preventScroll: true });
}

function undo() {
  const kind = $("[data-do=undo]")?.dataset.kind;
  if (kind !== "decide" && kind !== "take back") {
    say("undo", kind ? "Your last act was no ruling. Undo it where you did it." : "There is no ruling of yours to undo.");
    return;
  }
  once(async () => {
    await act("/api/undo", {});
    const places = trail();
    const last = places.pop();
    keepTrail(places);
    go(last);
  });
}

const redo = () => once(async () => { await act("/api/redo", {}); go(); });
const reopen = (ids) => once(async () => { await act("/api/take-back", { ids }); go(one().dataset.stay); });

// ---- keys and buttons

const to = (where) => { if (where) once(() => go(where)); };
const DOES = {
  accept: () => rule("accept"), reject, undo, redo,
  next: () => to(one()?.dataset.after), previous: () => to(one()?.dataset.before),
  notes: () => toggle("#notes"), keys: () => toggle("#keys"),
};
const KEYS = {
  a: "accept", r: "reject", " ": "next", u: "undo", U: "redo", j: "next", k: "previous",
  ArrowRight: "next", ArrowLeft: "previous", d: "notes", "?": "keys",
};

function toggle(selector) {
  const details = $(selector);
  if (!details) return;
  details.open = !details.open;
  if (details.open && selector === "#keys") details.querySelector("summary").focus();
}

const allowed = (name) => ["undo", "keys", "previous", "notes"].includes(name) || !!$(`[data-do=${name}]`);

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const { target, key } = event;
  if (rejecting() && inPanel(key, target)) return event.preventDefault();
  if (target.closest("input, select, textarea") || localStorage.getItem(SINGLE_AT) === "no") return;
  if (key === " " && target.closest("button, a, summary")) return;
  const name = KEYS[key];
  if (!name || !allowed(name) || event.shiftKey && !"?U".includes(key)) return;
  event.preventDefault();
  DOES[name]();
});

/** Take a key while a reason is asked for; say whether it was taken. */
function inPanel(key, target) {
  if (key === "Escape") { close(); return true; }
  const reason = /^[1-9]$/.test(key) && !(target.id === "reason" && target.value) && $("#reject").querySelectorAll("[data-reason]")[key - 1];
  if (reason) rule("reject", reason.dataset.reason);
  return !!reason;
}

document.addEventListener("submit", (event) => {
  if (event.target.id !== "ruling") return;
  event.preventDefault();
  if (!rejecting()) return say("which", "Say first whether it bears the code.");
  unsay("which");
  if (given()) rule("reject"); else rule("reject", "it does not bear the code"); // what is kept has a reason
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const data = button.dataset;
  if (data.do) DOES[data.do]();
  else if (data.reason) rule("reject", data.reason);
  else if (data.reopen) reopen(data.reopen.split(" "));
  else if ("close" in data) close();
});

document.addEventListener("change", ({ target }) => {
  if (target.id === "single-keys") localStorage.setItem(SINGLE_AT, target.checked ? "yes" : "no");
});

// The words of a coded segment light up while it is pointed at or in focus.
for (const [name, on] of [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]]) {
  document.addEventListener(name, ({ target }) => {
    const id = target.closest?.("[data-lights]")?.dataset.lights;
    if (id) for (const line of document.querySelectorAll(`[data-segment="${CSS.escape(id)}"]`)) line.classList.toggle("lit", on);
  });
}

// ---- the page as it comes: what is shown is in sight in the list, and in focus for those who came by keys

const here = $("#list [aria-current]");
if (here) $("#list").scrollTop = here.offsetTop - $("#list").offsetTop - $("#list").clientHeight / 3;
if (one() && new URLSearchParams(location.search).has("at")) one().focus({ preventScroll: true });
const single = $("#single-keys");
if (single) single.checked = localStorage.getItem(SINGLE_AT) !== "no";
