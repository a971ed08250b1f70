// Cells open beside the matrix instead of on a page of their own, and the address always says what is open.

import { ready } from "/static/summaries.js";

const split = document.getElementById("split");
const panel = document.getElementById("panel");
const passages = document.getElementById("passages");
const LATER = 300; // milliseconds after which it is said that something loads
let from = null; // the link that opened the panel: the focus goes back to it
let latest = 0;

/** The address of this page with the cell of another address open in it. */
function pageOf(link) {
  const cell = new URL(link).searchParams;
  const here = new URL(location.href);
  for (const name of ["code", "case", "from"]) {
    here.searchParams.delete(name);
    if (cell.has(name)) here.searchParams.set(name, cell.get(name));
  }
  return here;
}

const cellOf = (here) => {
  const cell = new URL("/matrix/cell", here);
  cell.search = here.search;
  return cell;
};

async function open(address) {
  const turn = ++latest;
  panel.hidden = false;
  split.classList.add("opened");
  panel.setAttribute("aria-busy", "true");
  const waiting = setTimeout(() => { if (turn === latest) passages.textContent = "Loading the passages…"; }, LATER);
  let content;
  try {
    const answer = await fetch(address);
    const sent = new DOMParser().parseFromString(await answer.text(), "text/html");
    content = sent.getElementById("cell") ?? sent.querySelector("main .answer") ?? sent.querySelector("main");
  } catch {
    content = Object.assign(document.createElement("p"), {
      className: "fault", textContent: "The server does not answer. Start it again with `coding serve`, then open the cell once more.",
    });
  }
  clearTimeout(waiting);
  if (turn !== latest) return;
  panel.removeAttribute("aria-busy");
  passages.replaceChildren(document.adoptNode(content));
  ready(passages);
  mark();
  const head = document.getElementById("cell-head");
  (head ?? panel).focus({ preventScroll: true });
  panel.scrollTop = 0;
  if (getComputedStyle(panel).position !== "sticky") panel.scrollIntoView({ block: "start" });
}

function close() {
  latest++;
  panel.hidden = true;
  split.classList.remove("opened");
  passages.replaceChildren();
  mark();
}

/** Say in the table which cell is open. */
function mark() {
  const { searchParams: asked } = new URL(location.href);
  document.querySelectorAll(".matrix a[aria-current]").forEach((a) => a.removeAttribute("aria-current"));
  if (!asked.has("code")) return;
  for (const a of document.querySelectorAll(".matrix a[data-cell]")) {
    const cell = new URL(a.href).searchParams;
    if (cell.get("code") === asked.get("code") && cell.get("case") === asked.get("case")) a.setAttribute("aria-current", "true");
  }
}

/** Show what the address says is open, as after going back. */
function follow() {
  const here = new URL(location.href);
  if (here.searchParams.has("code")) open(cellOf(here)); else close();
}

function keep(address) {
  history.pushState(null, "", address);
}

if (split) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (link.matches("[data-cell]")) {
      event.preventDefault();
      if (link.closest(".matrix")) from = link;
      keep(pageOf(link.href));
      open(link.href);
    } else if (link.id === "close") {
      event.preventDefault();
      leave();
    }
  });
  panel.addEventListener("keydown", (event) => { if (event.key === "Escape") leave(); });
  addEventListener("popstate", follow);
  document.querySelectorAll("details.opener").forEach((details) => details.addEventListener("toggle", () => remember(details)));
}

function leave() {
  const opener = from ?? document.querySelector(".matrix a[aria-current]");
  const here = new URL(location.href);
  for (const name of ["code", "case", "from"]) here.searchParams.delete(name);
  keep(here);
  close();
  opener?.focus();
}

/** Keep in the address, and in the form, which categories are opened. */
function remember(details) {
  const opened = [...document.querySelectorAll("details.opener[open]")].map((each) => each.dataset.code);
  const here = new URL(location.href);
  here.searchParams.delete("open");
  opened.forEach((code) => here.searchParams.append("open", code));
  history.replaceState(null, "", here);
  const form = document.getElementById("decided");
  form.querySelectorAll("input[name=open]").forEach((input) => input.remove());
  opened.forEach((code) => form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "open", value: code })));
  details.closest("tbody").classList.toggle("opened", details.open);
}
