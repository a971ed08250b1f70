// Summaries of cells: what is typed is a draft in this browser until it is kept, and an act from then on.
//
// A summary that is kept shows at once. The id under which the server keeps it follows from the act, so that it can
// be rewritten before the server has answered.

import { act, coder, newId, place, waiting } from "/static/app.js";
import { idOf } from "/static/read/standing.js";

const MEMOS = "/api/memos";
const draftOf = (box) => `coding-draft:${place}:cell:${box.dataset.subject}`;
const area = (box) => box.querySelector("textarea");
const wordsOf = (box) => (box.dataset.memo ? box.querySelector(".stands .words").textContent : "");

/** Take up the boxes below an element: drafts, and acts that wait in the outbox from before. */
export function ready(root) {
  for (const box of root.querySelectorAll("[data-summary]:not([data-ready])")) {
    box.dataset.ready = "";
    takeUp(box);
  }
}

async function takeUp(box) {
  const sent = waiting().filter(({ path, body }) => path === MEMOS && body.about === "cell" && body.subject === box.dataset.subject).at(-1);
  if (sent) {
    await stand(box, sent.body);
    say(box, "Being kept.");
  }
  const draft = localStorage.getItem(draftOf(box));
  if (draft === null) return;
  if (draft === wordsOf(box)) {
    if (!sent) localStorage.removeItem(draftOf(box));
    return;
  }
  area(box).value = draft;
  box.querySelector(".rewrite").open = true;
  say(box, "A draft, not kept yet.");
}

/** Show what an act says as what stands. */
async function stand(box, { batch, text }) {
  offerUndo(box, null); // what it would undo comes before this
  const isThere = text.trim() !== "";
  const stands = box.querySelector(".stands");
  box.dataset.batch = batch;
  box.dataset.memo = isThere ? await idOf(batch, "memo") : "";
  stands.hidden = !isThere;
  stands.querySelector(".words").textContent = text;
  stands.querySelector(".small").textContent = isThere ? `${coder}, now` : "";
  area(box).value = text;
  box.querySelector(".rewrite > summary").textContent = isThere ? "Rewrite" : "Write a summary";
}

const say = (box, words) => { box.querySelector(".state").textContent = words; };

/** Keep what is typed. What the server refuses becomes a draft again: nothing that was written is lost. */
async function keep(box) {
  const text = area(box).value;
  const details = box.querySelector(".rewrite");
  const before = { memo: box.dataset.memo, words: wordsOf(box), said: box.querySelector(".stands .small").textContent };
  if (text === before.words || (!text.trim() && !before.memo)) {
    forget(box);
    details.open = !before.memo;
    return;
  }
  const body = { batch: newId(), about: "cell", subject: box.dataset.subject, text, ...(before.memo ? { replaces: before.memo } : {}) };
  const kept = act(MEMOS, body);
  say(box, "Being kept.");
  const standing = stand(box, body);
  details.open = false;
  details.querySelector("summary").focus();
  try {
    await kept;
    await standing;
    if (box.dataset.batch !== body.batch) return;
    if (localStorage.getItem(draftOf(box)) === text) forget(box);
    say(box, text.trim() ? "Kept." : "Taken back.");
    offerUndo(box, body.batch);
  } catch {
    await standing;
    if (box.dataset.batch === body.batch) refused(box, text, before); // what was written later speaks for itself
  }
}

/** Offer to undo an act; app.js does it. */
function offerUndo(box, batch) {
  const line = box.querySelector(".back");
  line.hidden = !batch;
  const button = line.querySelector("button");
  button.dataset.body = JSON.stringify({ of: batch });
  button.textContent = "Undo what I wrote last"; // what is kept here is one summary, whatever came before
}

function refused(box, text, before) {
  const stands = box.querySelector(".stands");
  box.dataset.memo = before.memo;
  stands.hidden = !before.memo;
  stands.querySelector(".words").textContent = before.words;
  stands.querySelector(".small").textContent = before.said;
  area(box).value = text;
  remember(box);
  box.querySelector(".rewrite").open = true;
  say(box, "Not kept. It stays here as a draft.");
}

function remember(box) {
  const typed = area(box).value;
  try {
    if (typed === wordsOf(box)) localStorage.removeItem(draftOf(box)); else localStorage.setItem(draftOf(box), typed);
    say(box, typed === wordsOf(box) ? "" : "A draft, not kept yet.");
  } catch {
    say(box, "This browser's storage is full: this is kept only once you press Keep.");
  }
}

function forget(box) {
  localStorage.removeItem(draftOf(box));
  say(box, "");
}

const boxOf = (event) => event.target.closest?.("[data-summary]");

document.addEventListener("input", (event) => { const box = boxOf(event); if (box) remember(box); });
document.addEventListener("submit", (event) => {
  const box = boxOf(event);
  if (!box) return;
  event.preventDefault();
  keep(box);
});
document.addEventListener("keydown", (event) => {
  const box = boxOf(event);
  if (!box || event.target !== area(box)) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); keep(box); }
  if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation(); // the panel stays open
    box.querySelector(".rewrite > summary").focus();
  }
}, true);
document.addEventListener("coding:saved", () => {
  const waits = new Set(waiting().map(({ body }) => body.batch));
  for (const box of document.querySelectorAll("[data-summary][data-batch]")) {
    if (!waits.has(box.dataset.batch) && box.querySelector(".state").textContent === "Being kept.") say(box, "Kept.");
  }
});

ready(document);
