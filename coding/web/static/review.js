// Review: decide on one suggestion after the other, by keys or buttons.
//
// The server makes every page; after an act the next one is fetched and its main part put in the place of this
// one, so that the list keeps its place and nothing flickers. Without it the links and the form work all the same.

import { act, say, unsay } from "/static/app.js";
import { Adjusting } from "/static/review/adjusting.js";

const LOADING = 300; // milliseconds until it is said that something loads
const UNDONE = "coding-review-decided"; // where the ids of what was decided here are kept, for undo
const SINGLE_AT = "coding-single-keys"; // as on the page Read: whether letters work as keys

const $ = (selector) => document.querySelector(selector);
const one = () => document.getElementById("one");
let busy = false;

const tell = (words) => { $("#told").textContent = words; };

// ---- from one suggestion to the next

function address(id) {
  const found = new URL(location.href);
  if (id) found.searchParams.set("at", id); else found.searchParams.delete("at");
  return found.pathname + found.search;
}

async function turn(where, how = "replaceState") {
  const late = setTimeout(() => say("loading", "Loading the next suggestion…"), LOADING);
  const scrolled = $("#list")?.scrollTop ?? 0;
  try {
    const answer = await fetch(where, { headers: { accept: "text/html" } });
    if (answer.redirected || !answer.ok) return location.assign(where);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    $("#main").replaceChildren(...page.getElementById("main").childNodes);
    if (how) history[how]({}, "", where);
    unsay("gone");
  } catch {
    say("gone", "The server does not answer, so the next suggestion cannot be shown. Your decisions are kept; load the page again when it is back.", true);
  } finally {
    clearTimeout(late);
    unsay("loading");
  }
  if ($("#list")) $("#list").scrollTop = scrolled;
  prepare();
  arrive();
}

function prepare() {
  watch();
  if ($("#single-keys")) $("#single-keys").checked = localStorage.getItem(SINGLE_AT) !== "no";
}

/** Go on at what is shown now, and say it to those who do not see it. */
function arrive() {
  const shown = one();
  if (!shown) {
    tell($(".empty")?.textContent.trim() ?? "");
    $("#main").focus({ preventScroll: true });
    return;
  }
  const here = $("#list [aria-current]");
  const list = $("#list");
  if (here && (here.offsetTop < list.scrollTop || here.offsetTop + here.offsetHeight > list.scrollTop + list.clientHeight)) {
    list.scrollTop = here.offsetTop - list.clientHeight / 3;
  }
  shown.focus({ preventScroll: true });
  if (shown.getBoundingClientRect().top < 0) shown.scrollIntoView();
  tell(`${$(".place").textContent}. ${$("#one-code").textContent}: ${$("#passage mark").textContent}`);
}

/** Do something that changes what is shown, once: keys pressed meanwhile decide nothing. */
async function once(work) {
  if (busy) return;
  busy = true;
  try { await work(); } catch { /* said above the page */ } finally { busy = false; }
}

// ---- deciding

const trail = () => JSON.parse(sessionStorage.getItem(UNDONE) ?? "[]");
const keepTrail = (ids) => sessionStorage.setItem(UNDONE, JSON.stringify(ids.slice(-500)));

function decide(decision) {
  const { id, after } = one().dataset;
  return once(async () => {
    await act("/api/decisions", { decisions: [{ about: id, ...decision }] });
    keepTrail([...trail(), id]);
    await turn(address(after || id));
  });
}

function bulk() {
  const ids = [...shownOnScreen];
  if (!ids.length) return;
  once(async () => {
    await act("/api/decisions", { decisions: ids.map((about) => ({ about, ruling: "accept" })) });
    keepTrail([...trail(), ids[0]]);
    await turn(address(one().dataset.id));
    say("bulk", `${ids.length === 1 ? "1 suggestion was" : `${ids.length} suggestions were`} accepted. One undo takes that back.`);
  });
}

function undo() {
  const kind = $("[data-do=undo]")?.dataset.kind;
  if (kind !== "decide") {
    say("undo", kind ? "Your last act was no decision. Undo it where you did it." : "There is no decision of yours to undo.");
    return;
  }
  takeBack();
}

function takeBack() {
  once(async () => {
    await act("/api/undo", {});
    const ids = trail();
    const id = ids.pop() ?? one()?.dataset.id;
    keepTrail(ids);
    unsay("bulk");
    await turn(address(id));
    tell(`Undone. ${$("#told").textContent}`);
  });
}

const redo = () => once(async () => { await act("/api/redo", {}); await turn(address(one()?.dataset.id)); });
const go = (id) => { if (id) once(() => turn(address(id), "pushState")); };

function withdraw(ids) {
  once(async () => {
    await act("/api/take-back", { ids });
    await turn(address(one().dataset.id));
  });
}

async function applyRules(button) {
  button.disabled = true;
  say("tag", "Applying the rules to every document. This can take a while.");
  await once(async () => {
    const { n_new: added, n_gone: gone } = await act("/api/tag", {});
    await turn(address());
    say("tag", added || gone ? `The rules were applied: ${added} new suggestions${gone ? `, ${gone} of earlier ones gone` : ""}.` : "The rules find what they found before.");
  });
  button.disabled = false;
}

// ---- the list: what of it is on the screen

const shownOnScreen = new Set();
let watcher = null;

/** Follow which undecided suggestions of the list can be seen: only these are accepted together. */
function watch() {
  watcher?.disconnect();
  shownOnScreen.clear();
  watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const id = entry.target.dataset.entry;
      if (entry.intersectionRatio > 0.95) shownOnScreen.add(id); else shownOnScreen.delete(id);
    }
    const button = $("[data-do=bulk]");
    if (!button) return;
    button.textContent = shownOnScreen.size ? `Accept the ${shownOnScreen.size} shown` : "Accept those shown";
    button.disabled = shownOnScreen.size === 0;
  }, { threshold: [0, 0.95, 1], rootMargin: "-42px 0px 0px 0px" });
  for (const entry of document.querySelectorAll("#list [data-undecided]")) watcher.observe(entry);
}

// ---- panels: reject, recode, adjust

const openPanel = () => $(".panel:not([hidden])");

function open(name) {
  close();
  const panel = document.getElementById(name);
  panel.hidden = false;
  $(`[aria-controls=${name}]`).setAttribute("aria-expanded", "true");
  return panel;
}

function close() {
  const panel = openPanel();
  if (!panel) return;
  panel.hidden = true;
  $(`[aria-controls=${panel.id}]`).setAttribute("aria-expanded", "false");
  if (panel.id === "adjust") adjusting.leave();
  one().focus({ preventScroll: true });
}

const reject = () => { open("reject").querySelector("#reason").focus(); };
const rejected = (reason) => { if (reason.trim()) decide({ ruling: "reject", reason: reason.trim() }); };

// -- recode

function recode() {
  open("recode").querySelector("#find").focus();
  filterCodes();
}

const options = () => [...document.querySelectorAll("#codes [role=option]")].filter((option) => !option.hidden);

function filterCodes() {
  const wanted = $("#find").value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const option of document.querySelectorAll("#codes [role=option]")) {
    option.hidden = option.dataset.code === one().dataset.code || !wanted.every((part) => option.dataset.says.includes(part));
  }
  point(options()[0]);
}

function point(option) {
  for (const other of document.querySelectorAll("#codes [aria-selected=true]")) other.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) $("#find").setAttribute("aria-activedescendant", option.id); else $("#find").removeAttribute("aria-activedescendant");
}

function step(by) {
  const all = options();
  const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  point(all[Math.max(0, Math.min(all.length - 1, at + by))]);
}

function recoded() {
  const chosen = $("#codes [aria-selected=true]");
  if (!chosen) return;
  const { document: name, digest, start, end } = one().dataset;
  const reason = $("#why").value.trim() || "another code fits";
  const instead = { document: name, digest, start: +start, end: +end, quote: $("#passage mark").textContent, code: chosen.dataset.code };
  decide({ ruling: "recode", reason, instead });
}

// -- adjust

let adjusting = null;

function adjust() {
  const panel = open("adjust");
  const { start, end } = one().dataset;
  adjusting = new Adjusting($("#passage"), { base: +$("#passage").dataset.base, start: +start, end: +end });
  panel.querySelector("button").focus({ preventScroll: true });
}

function move(which, by) {
  adjusting.move(which, by);
  tell(adjusting.words);
}

function adjusted() {
  const { document: name, digest, code, start, end } = one().dataset;
  const { span, words } = adjusting;
  if (span.start === +start && span.end === +end) {
    say("same", "These are the words as they were. Move an end, or go back.");
    return;
  }
  unsay("same");
  decide({ ruling: "recode", reason: "other words bear it", instead: { document: name, digest, ...span, quote: words, code } });
}

// ---- keys and buttons

const DOES = {
  accept: () => decide({ ruling: "accept" }), reject, recode, adjust, bulk, undo, redo,
  next: () => go(one()?.dataset.after), previous: () => go(one()?.dataset.before),
  notes: () => toggle("#notes"), keys: () => toggle("#keys"),
};
const KEYS = {
  a: "accept", r: "reject", c: "recode", e: "adjust", " ": "next", u: "undo", U: "redo", j: "next", k: "previous",
  ArrowRight: "next", ArrowLeft: "previous", d: "notes", "?": "keys",
};

function toggle(selector) {
  const details = $(selector);
  if (!details) return;
  details.open = !details.open;
  if (details.open && selector === "#keys") details.querySelector("summary").focus();
}

const allowed = (name) => name === "undo" || name === "keys" || !!$(`[data-do=${name}]`) || ["previous", "notes"].includes(name);

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const panel = openPanel();
  if (panel) return inPanel(event, panel);
  const { target, key } = event;
  if (target.closest("input, select, textarea") || localStorage.getItem(SINGLE_AT) === "no") return;
  if (key === " " && target.closest("button, a, summary")) return;
  const name = KEYS[key];
  if (!name || !allowed(name) || event.shiftKey && !"?U".includes(key)) return;
  event.preventDefault();
  DOES[name]();
});

function inPanel(event, panel) {
  const { key, target } = event;
  const handled = () => event.preventDefault();
  if (key === "Escape") { handled(); return close(); }
  if (panel.id === "reject" && /^[1-9]$/.test(key) && !(target.id === "reason" && target.value)) {
    const reason = panel.querySelectorAll("[data-reason]")[key - 1];
    if (reason) { handled(); rejected(reason.dataset.reason); }
  } else if (panel.id === "recode" && target.id === "find" && (key === "ArrowDown" || key === "ArrowUp")) {
    handled();
    step(key === "ArrowDown" ? 1 : -1);
  } else if (panel.id === "adjust" && (key === "ArrowLeft" || key === "ArrowRight")) {
    handled();
    move(event.shiftKey ? "start" : "end", key === "ArrowRight" ? 1 : -1);
  } else if (panel.id === "adjust" && key === "Enter" && !target.closest("button")) {
    handled();
    adjusted();
  }
}

document.addEventListener("submit", (event) => {
  const does = { reject: () => rejected($("#reason").value), recode: recoded, adjust: adjusted }[event.target.id];
  if (!does) return;
  event.preventDefault();
  does();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button, #codes [role=option], #list a, [data-turn]");
  if (!button) return;
  const data = button.dataset;
  if (button.matches("a")) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    once(() => turn(button.getAttribute("href"), "pushState"));
  } else if (button.matches("[role=option]")) {
    point(button);
    recoded();
  } else if ("untag" in data) takeBack();
  else if (data.do) DOES[data.do]();
  else if (data.reason) rejected(data.reason);
  else if (data.move) move(...data.move.split(" ").map((part, i) => (i ? +part : part)));
  else if (data.withdraw) withdraw(data.withdraw.split(" "));
  else if ("close" in data) close();
  else if ("tag" in data) applyRules(button);
});

document.addEventListener("mouseup", () => {
  if (openPanel()?.id === "adjust" && adjusting.take(getSelection())) tell(adjusting.words);
});
document.addEventListener("input", (event) => { if (event.target.id === "find") filterCodes(); });
document.addEventListener("change", (event) => {
  if (event.target.id === "single-keys") localStorage.setItem(SINGLE_AT, event.target.checked ? "yes" : "no");
});
addEventListener("popstate", () => once(() => turn(location.href, null)));
// A decision that waited for the server and was sent only now: show what has become of it.
document.addEventListener("coding:answered", () => { if (!busy) once(() => turn(location.href, null)); });

prepare();
