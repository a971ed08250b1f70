// Judge: say of one unit after the other which codes it bears, by keys or buttons.
//
// The server makes every page; after an act the next one is fetched and its main part put in the place of this
// one. A judgement goes through the outbox, so that none is lost while the server is away.

import { act, say, unsay, waiting } from "/static/app.js";

const LOADING = 300; // milliseconds until it is said that something loads
const SINGLE_AT = "coding-single-keys"; // as on the other pages: whether letters work as keys
const JUDGEMENTS = "/api/judgements";
const TURNS = [JUDGEMENTS, "/api/undo", "/api/redo"];

const $ = (selector) => document.querySelector(selector);
const all = (selector) => [...document.querySelectorAll(selector)];
const one = () => document.getElementById("one");
const boxes = () => all("#judgement [name=code]");
const chosen = () => boxes().filter((box) => box.checked);
let busy = false;
let atHand = null; // the code last chosen by its digit

const tell = (words) => { $("#told").textContent = words; };

// ---- from one unit to the next

async function turn() {
  const late = setTimeout(() => say("loading", "Loading the next one…"), LOADING);
  const open = new Set(all(".notes[open]").map((notes) => notes.dataset.of));
  try {
    const answer = await fetch(location.pathname, { headers: { accept: "text/html" } });
    if (answer.redirected || !answer.ok) return location.reload();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    $("#main").replaceChildren(...page.getElementById("main").childNodes);
    unsay("gone");
  } catch {
    say("gone", "The server does not answer, so the next one cannot be shown. What you judged is kept; load the page again when it is back.", true);
  } finally {
    clearTimeout(late);
    unsay("loading");
  }
  for (const notes of all(".notes")) notes.open = open.has(notes.dataset.of);
  atHand = null;
  unsay("choose");
  prepare();
  arrive();
}

function prepare() {
  if ($("#single-keys")) $("#single-keys").checked = localStorage.getItem(SINGLE_AT) !== "no";
  show();
}

/** Go on at what is shown now, and say it to those who do not see it. */
function arrive() {
  scrollTo(0, 0);
  const far = $(".how-far span")?.textContent ?? "";
  if (!one()) {
    tell($(".empty")?.textContent.trim() ?? "");
    $("#main").focus({ preventScroll: true });
    return;
  }
  one().focus({ preventScroll: true });
  tell(`${far}. ${$("#words").textContent}`);
}

/** Do something that changes what is shown, once: keys pressed meanwhile do nothing. */
async function once(work) {
  if (busy) return;
  busy = true;
  try { await work(); } catch { /* said above the page */ } finally { busy = false; }
}

// ---- judging

const isWaiting = ({ sample, place }) => waiting().some(({ path, body }) => path === JUDGEMENTS && body.sample === sample && body.place === Number(place));

function judge() {
  const { sample, place } = one().dataset;
  if (isWaiting({ sample, place })) { say("waits", "This judgement waits for the server."); return; }
  const codes = chosen().map((box) => box.value);
  if (!codes.length && !$("#nothing").checked) { say("choose", "Tick what it bears, or 0 for none of these; then Enter."); return; }
  once(() => sent(JUDGEMENTS, { sample, place: Number(place), quote: $("#words").textContent, codes }));
}

/** Send an act and show what is next; also after a refusal, for then something else is to be judged. */
async function sent(path, body, words = "") {
  try {
    await act(path, body);
  } catch (error) {
    if (!("status" in error)) throw error;
    words = "";
  }
  unsay("waits");
  await turn();
  if (words) tell(`${words} ${$("#told").textContent}`);
}

const undo = (of) => once(() => sent("/api/undo", { of }, "Undone."));
const redo = (of) => once(() => sent("/api/redo", { of }, "Done again."));

function back() {
  const of = $("[data-undo]")?.dataset.undo;
  if (of) undo(of); else say("undo", "Your last act was no judgement of this sample: there is nothing to undo here.");
}

// ---- choosing

function choose(box) {
  if (!box) return;
  box.checked = !box.checked;
  atHand = box;
  show();
}

function nothing() {
  for (const box of boxes()) box.checked = false;
  $("#nothing").checked = true;
  show();
}

/** Let what is said below the codes be what is chosen. */
function show() {
  if (!$("#judgement")) return;
  const names = chosen().map((box) => box.labels[0].textContent.replace(box.dataset.key ?? "", "").trim());
  if (names.length) $("#nothing").checked = false;
  const none = $("#nothing").checked;
  if (none || names.length) unsay("choose");
  $("#chosen").textContent = names.length ? `Chosen: ${names.join(", ")}` : none ? "Chosen: none of these" : "";
}

const lineOf = (element) => element?.closest?.("#judgement .codes li");

/** Open or close what is said of the code at hand; of all of them if none is. */
function define() {
  const line = lineOf(document.activeElement) ?? lineOf(atHand);
  const notes = line ? [...line.querySelectorAll(":scope > .choice > .notes")] : all(".notes");
  const open = !notes.every((each) => each.open);
  for (const each of notes) each.open = open;
}

// ---- finding a code among many

function filter() {
  const wanted = $("#find").value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const line of all("#judgement .codes li").toReversed()) {
    const below = [...line.querySelectorAll(":scope > ul > li")].some((each) => !each.hidden);
    const says = line.dataset.says;
    line.hidden = !below && !(says !== undefined && wanted.every((part) => says.includes(part)));
    line.classList.toggle("found", wanted.length > 0 && says !== undefined && wanted.every((part) => says.includes(part)));
  }
  $("#no-code").hidden = all("#judgement .codes li:not([hidden])").length > 0;
}

function inFilter(event) {
  const found = $("#judgement .codes li.found > .choice input");
  if (event.key === "Escape") leaveFilter();
  else if (event.key === "ArrowDown") (found ?? boxes()[0]).focus();
  else if (event.key === "Enter" && !event.repeat && $("#find").value.trim()) {
    if (!found) return event.preventDefault();
    choose(found);
    leaveFilter();
  } else return;
  event.preventDefault();
}

function leaveFilter() {
  $("#find").value = "";
  filter();
  one().focus({ preventScroll: true });
}

// ---- keys and buttons

const DOES = {
  0: nothing, n: nothing, d: define, u: back, "?": () => { $("#keys").open = !$("#keys").open; },
  "/": () => $("#find")?.focus(),
  U: () => { const of = $("[data-redo]")?.dataset.redo; if (of) redo(of); },
};

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (target.id === "find") inFilter(event);
  if (event.defaultPrevented) return;
  if (key === "Enter") return entered(event);
  if (target.closest("input:not([type=checkbox]), select, textarea") || localStorage.getItem(SINGLE_AT) === "no") return;
  const digit = /^[1-9]$/.test(key) && $(`#judgement [data-key="${key}"]`);
  if (event.repeat || busy || !(digit || DOES[key]) || (event.shiftKey && !"?U/".includes(key))) return;
  if (!one() && !"uU".includes(key)) return;
  event.preventDefault();
  if (digit) choose(digit); else DOES[key]();
});

/** Enter saves wherever one is, but not on what itself is pressed with it; held down it saves one only. */
function entered(event) {
  if (!one() || event.target.closest("a, button, summary")) return;
  event.preventDefault();
  if (!event.repeat) judge();
}

document.addEventListener("submit", (event) => {
  if (event.target.id !== "judgement") return;
  event.preventDefault();
  judge();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-undo], [data-redo]");
  if (!button) return;
  if ("undo" in button.dataset) back(); else redo(button.dataset.redo);
});

document.addEventListener("input", (event) => { if (event.target.id === "find") filter(); });
document.addEventListener("change", ({ target }) => {
  if (target.id === "single-keys") localStorage.setItem(SINGLE_AT, target.checked ? "yes" : "no");
  if (target.id === "nothing") { if (target.checked) nothing(); else show(); }
  if (target.name === "code") show();
});
// A judgement that waited for the server and was sent only now: show what has become of it.
document.addEventListener("coding:answered", ({ detail }) => { if (!busy && TURNS.includes(detail.path)) once(turn); });

prepare();
