// Read and code: puts the parts of the page together. Each part is a module of `read/`: the text and its offsets, what
// stands in it, what is selected, the paint under the words, the margin, the codes at the left, the keys.

import { ask, place } from "/static/app.js";
import { Definition, SegmentNote } from "/static/read/hand.js";
import { keys } from "/static/read/keys.js";
import { Margin } from "/static/read/margin.js";
import { Memos, moveDraft } from "/static/read/memos.js";
import { mouse } from "/static/read/mouse.js";
import { Text } from "/static/read/offsets.js";
import { lanesOf, Paint } from "/static/read/paint.js";
import { Palette } from "/static/read/palette.js";
import { Places } from "/static/read/places.js";
import { Portrait } from "/static/read/portrait.js";
import { printing } from "/static/read/endnotes.js";
import { Selecting } from "/static/read/selecting.js";
import { Standing } from "/static/read/standing.js";
import { State } from "/static/read/state.js";
import { Strip } from "/static/read/strip.js";

const QUOTED = 90; // UTF-16 units of a quote that is read out
const FLASH = 2500;

const narrow = matchMedia("(max-width: 899px)");
const part = (id) => document.getElementById(id);
const text = new Text(part("text"));
const standing = new Standing(text);
const selecting = new Selecting(text);
const paint = new Paint(text);
const places = new Places(text, `coding-place:${place}:${text.document}`);
const palette = new Palette({
  onGive: (code, how) => give(code, how),
  onHand: (code) => definition.show(code),
  onNumber: numbered,
  onLeave: () => { found(); backToText(); if (mode) leave(); },
});
const definition = new Definition(part("at-hand"), { palette, standing, write: memoWriter, onNumber: numbered });
const portrait = new Portrait(part("portrait"), text, { onGo: goTo, colourOf });
const strip = new Strip(part("strip"), { text, palette, onGive: (code) => give(code), onFind: find });
const state = new State({ standing, text, say, hidden: () => refresh() });
const margin = new Margin(part("margin"), text, {
  shown, describe,
  onChoose: (id) => choose(id === chosen ? null : id),
  onLight: (ids) => paint.mark("lit", ...ids.map((id) => standing.segments.get(id))),
});
let chosen = null; // the id of the segment whose note is open
let note = null; // that note
let mode = null; // "adjust" or "recode", while that segment is being changed
let lanes = new Map();
let documentMemos = null;

function colourOf(code) { return palette.colourOf(code); }

// ---- what is shown

/** The segments over a span, without those of coders that are not to be shown. */
function shown(start, end) {
  return standing.over(start, end).filter((segment) => state.shows(segment));
}

/** What the margin says of a segment. */
function describe(segment) {
  const memos = standing.memosOn("segment", segment.id);
  const name = palette.nameOf(segment.code);
  const withMemos = ["", ", a memo"][memos.length] ?? `, ${memos.length} memos`;
  return {
    colour: colourOf(segment.code),
    name,
    who: segment.mine ? "" : segment.coder,
    label: `${name}${segment.mine ? "" : ` · ${segment.coder}`}: “${quote(segment, 60)}”${withMemos}`,
    excerpt: memos.map((memo) => memo.text).join(" · ").slice(0, 200),
    is: { other: !segment.mine, pending: Boolean(segment.pending), rejected: segment.ruling === "reject" },
  };
}

function quote({ start, end }, longest = QUOTED) {
  const words = text.words(start, Math.min(end, start + 2 * longest)).replace(/\s+/g, " ").trim();
  return words.length > longest ? `${words.slice(0, longest).trimEnd().replace(/[\ud800-\udbff]$/, "")} …` : words;
}

/** Draw what is near the window. */
function draw() {
  const { pieces, segments } = margin.draw();
  if (!pieces.length) return;
  paint.show(segments, pieces, lanes, colourOf);
  const { start, end } = places.seen(pieces);
  portrait.shade(start, end, `${Math.round((100 * start) / Math.max(1, text.length))} %, ${quote({ start, end }, 40)}`);
}

let asked = false;
/** Draw in the next frame, once. */
function drawSoon() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => { asked = false; draw(); });
}

/** Show what has changed in what stands. */
function refresh() {
  if (chosen && !standing.segments.has(chosen)) choose(null);
  lanes = lanesOf(standing.sorted.filter((segment) => state.shows(segment)));
  paint.painted = "";
  margin.changed();
  const own = standing.sorted.filter(({ mine }) => mine);
  palette.count(own);
  portrait.show(standing.sorted.filter((segment) => state.shows(segment)));
  state.show();
  definition.refresh();
  if (note) note.show(standing.segments.get(chosen));
  documentMemos?.show();
  showDocumentMemos();
  showSelection();
  draw();
}

let changed = false;
standing.addEventListener("changed", () => {
  if (changed) return;
  changed = true;
  queueMicrotask(() => { changed = false; refresh(); });
});
standing.addEventListener("stale", () => state.stale());
standing.addEventListener("unknown", ({ detail }) => state.unknown(detail));

/** Say something to those who listen. */
function say(words) {
  const said = part("said");
  said.textContent = said.textContent === words ? `${words}\u00a0` : words;
}

function backToText() {
  text.article.focus({ preventScroll: true });
}

function showDocumentMemos() {
  part("document-memos").hidden = !documentMemos || documentMemos.isEmpty;
}

// ---- selection

selecting.addEventListener("changed", () => {
  if (selecting.span && mode === null && chosen) choose(null, { keep: true });
  showSelection();
  if (selecting.span && selecting.by === "keys") {
    say(quote(selecting.span));
    places.bring(selecting.span).then(drawSoon);
  }
});

function showSelection() {
  const segment = standing.segments.get(chosen);
  paint.mark("selected", selecting.span);
  paint.mark("chosen", selecting.span ? null : segment);
  const name = segment && palette.nameOf(segment.code);
  if (mode === "adjust") {
    const words = `Adjust “${name}”: select anew, or Shift with arrows, [ and ].`;
    strip.ask(words, selecting.span, { by: selecting.by, keep: keepSpan, leave });
  } else if (mode === "recode") strip.ask(`Which code instead of “${name}”?`, segment, { by: "keys", leave });
  else if (selecting.span) strip.offer(selecting.span, { by: selecting.by });
  else strip.hide();
}

/** What codes are given to: what is selected, else the segment that is open. */
function target() {
  return selecting.span ?? standing.segments.get(chosen) ?? null;
}

// ---- acts

function placed({ start, end }) {
  return { document: text.document, digest: text.digest, start, end, quote: text.words(start, end) };
}

async function give(code, { typed = false } = {}) {
  found();
  if (typed) backToText();
  const span = target();
  if (mode) { await replaceWith(standing.segments.get(chosen), code, span); return; }
  if (!span) {
    definition.show(code, { whole: true });
    say(`Nothing is selected. ${palette.nameOf(code)}: ${palette.codes.get(code)?.definition ?? ""}`);
    return;
  }
  const twin = standing.over(span.start, span.end)
    .find((one) => one.mine && one.code === code && one.start === span.start && one.end === span.end);
  if (twin) { say(`Already coded as ${palette.nameOf(code)}.`); choose(twin.id, { keep: true }); return; }
  palette.used(code);
  const [id] = await standing.do("/api/segments", { ...placed(span), codes: [code] });
  if (!selecting.span || (selecting.span.start === span.start && selecting.span.end === span.end)) choose(id, { keep: true });
  say(`Coded as ${palette.nameOf(code)}: “${quote(span)}”`);
}

/** Put a segment with another code or another span in the place of one's own; its memos go with it. */
async function replaceWith(segment, code, span = segment) {
  const memos = standing.memosOn("segment", segment.id).filter(({ mine }) => mine);
  mode = null;
  if (code === segment.code && span.start === segment.start && span.end === segment.end) { showSelection(); return; }
  if (code !== segment.code) palette.used(code);
  const [id] = await standing.do("/api/segments", {
    ...placed(span), codes: [code],
    replaces: [segment.id, ...memos.map((memo) => memo.id)],
    memo: memos.map((memo) => memo.text).join("\n\n"),
  });
  moveDraft("segment", segment.id, id);
  selecting.clear();
  choose(id);
  say(code === segment.code ? `Adjusted: “${quote(span)}”` : `Now coded as ${palette.nameOf(code)}.`);
}

function keepSpan() {
  const segment = standing.segments.get(chosen);
  if (segment && selecting.span) replaceWith(segment, segment.code, selecting.span);
}

async function takeBack() {
  const segment = standing.segments.get(chosen);
  if (!segment) { say("No segment is open. n and p go to the next and the previous one."); return; }
  if (!segment.mine) { say(`It is ${segment.coder}’s. Rule on it in Review.`); return; }
  mode = null;
  choose(null, { keep: true });
  await standing.do("/api/take-back", { ids: [segment.id] });
  say(`Taken back: ${palette.nameOf(segment.code)}. Undo brings it back.`);
}

function memoWriter(about, subject) {
  return async (words, replaces) => {
    await standing.do("/api/memos", { about, subject, text: words, ...(replaces ? { replaces } : {}) });
    say(words.trim() ? "Memo kept." : "Memo taken back.");
  };
}

function memo() {
  if (note) { note.memos.edit(); drawSoon(); return; }
  documentMemo();
}

let readAt = null; // where one was reading when the memo on the document was opened

/** Open the memo on the document, which stands above the text; closed, it leaves one where one was. */
function documentMemo() {
  readAt ??= places.here();
  part("document-memos").hidden = false; // what is hidden takes no focus
  documentMemos.edit();
  drawSoon();
}

function closedDocumentMemo() {
  showDocumentMemos();
  backToText();
  if (readAt) places.back(readAt).then(drawSoon);
  readAt = null;
}

/** Undo an act of this document, or do it again; what was done elsewhere is not touched from here. */
async function step(path, words, which) {
  if (standing[which] === undefined) say("Waiting for the server.");
  await standing.told(which);
  const last = standing[which];
  if (last === null) { say(`There is nothing to ${words}.`); return; }
  if (last.document !== text.document && !(last.act === "memo" && last.document === null)) { say(`${elsewhere(last)} Nothing here was changed.`); return; }
  if (last.act === "decide") { say("Your last act was a ruling: Review undoes it."); return; }
  mode = null;
  await standing.do(path, { of: last.batch });
  say(`${words === "undo" ? "Undone" : "Done again"}.`);
}

const elsewhere = ({ act, document: where }) =>
  act === "tag" ? "Your last act applied the rules: Review undoes it."
    : act === "summary" ? "Your last act was a summary of a cell: its page in Matrix undoes it."
    : where ? `Your last act was in another document, ${where}: undo it there.` : "Your last act was elsewhere: undo it there.";

let stepping = Promise.resolve(); // one step after the other: which act comes next, the one before decides
const undo = () => (stepping = stepping.then(() => step("/api/undo", "undo", "toUndo")));
const redo = () => (stepping = stepping.then(() => step("/api/redo", "redo", "toRedo")));

// ---- segments

/** Open the note of a segment; `keep` keeps what is selected. */
function choose(id, { keep = false } = {}) {
  const segment = standing.segments.get(id) ?? null;
  if (id !== chosen) mode = null;
  chosen = segment?.id ?? null;
  if (!keep) selecting.clear();
  if (segment) selecting.cursor = segment.start;
  note = segment && new SegmentNote(segment, {
    standing, write: memoWriter, actions: { recode, adjust, takeBack, back: backToText },
  });
  margin.choose(chosen, note?.root ?? null);
  showSelection();
  drawSoon();
}

function openNext(direction) {
  const all = standing.sorted.filter((segment) => state.shows(segment));
  if (!all.length) { say("Nothing is coded here yet."); return; }
  const at = all.findIndex(({ id }) => id === chosen);
  const from = selecting.span?.start ?? selecting.cursor;
  let i = at + direction;
  if (at < 0) i = direction > 0 ? all.findIndex(({ start }) => start >= from) : all.findLastIndex(({ start }) => start < from);
  const segment = all[i];
  if (!segment) { say(direction > 0 ? "That was the last segment." : "That was the first segment."); return; }
  choose(segment.id);
  const memos = standing.memosOn("segment", segment.id);
  say(`${i + 1} of ${all.length}: ${spoken(segment)}${memos.length ? ` Memo: ${memos[0].text}` : ""}`);
  places.bring(segment).then(drawSoon);
}

/** Open the smallest segment at a place, or the next larger one if that is open already. */
function openAt(start, end) {
  const there = shown(start, end).toSorted((a, b) => a.end - a.start - (b.end - b.start));
  const segment = there[(there.findIndex(({ id }) => id === chosen) + 1) % Math.max(1, there.length)];
  choose(segment?.id ?? null);
  if (segment) say(spoken(segment));
}

function spoken(segment) {
  return `${palette.nameOf(segment.code)}, ${segment.mine ? "yours" : segment.coder}: “${quote(segment)}”`;
}

function adjust() {
  const segment = standing.segments.get(chosen);
  if (!segment?.mine) { say(segment ? `It is ${segment.coder}’s.` : "No segment is open."); return; }
  mode = "adjust";
  backToText();
  selecting.set({ start: segment.start, end: segment.end }, { by: "keys" });
  say("Adjust: select anew, or Shift with arrows. Enter keeps it, Escape leaves it.");
}

function recode() {
  const segment = standing.segments.get(chosen);
  if (!segment?.mine) { say(segment ? `It is ${segment.coder}’s.` : "No segment is open."); return; }
  mode = "recode";
  selecting.clear();
  showSelection();
  find();
  say(`Which code instead of ${palette.nameOf(segment.code)}? Escape leaves it.`);
}

/** The code that is walked to, else that of the open segment, else the last one at hand. */
function atHand() {
  const walked = palette.tree.contains(document.activeElement) ? palette.active : null;
  return walked ?? standing.segments.get(chosen)?.code ?? palette.active;
}

/** `/`: go to the field that finds a code. On a narrow page the codes rise from the foot, so that the words stay in view. */
function find() {
  const codes = part("codes");
  codes.classList.toggle("risen", narrow.matches && !codes.contains(document.activeElement));
  codes.open = true;
  palette.filter.focus({ preventScroll: true });
  if (codes.classList.contains("risen") && target()) places.bring(target()).then(drawSoon);
}

/** Let the codes sink again. */
function found() {
  const codes = part("codes");
  if (!codes.classList.contains("risen")) return;
  codes.classList.remove("risen");
  codes.open = false;
}

/** `d`: the definition of the code that is walked to, else of the open segment. */
function define() {
  const code = atHand();
  if (code && !definition.press(code)) say("Definition closed.");
}

function giveByNumber(number) {
  const [, code] = palette.keyed.find(([one]) => one === number) ?? [];
  if (code) give(code);
  else say(`No code has the number ${number}: the next new one that you give takes the first free number.`);
}

/** Alt and a digit: the code at hand gets this number. */
function numberAtHand(number) {
  const code = atHand();
  if (code) numbered(code, number);
}

function numbered(code, number) {
  say(palette.number(code, number));
  definition.refresh();
  showSelection();
}

function help() {
  part("keys").showModal();
}

/** Escape: leave what is being changed, else let go of the selection, else close the note. */
function leave() {
  if (mode) { mode = null; selecting.clear(); showSelection(); return; }
  if (selecting.span) { selecting.clear(); return; }
  if (chosen) { choose(null); return; }
  definition.close();
}

// ---- places

function goTo(asked) {
  const offset = Math.min(asked, (text.pieces.at(-1)?.end ?? 1) - 1);
  places.bring({ start: offset, end: offset + 1 }).then(drawSoon);
  selecting.cursor = offset;
}

/** Go to what the address asks for (`#at=START-END`), and light it up for a while. */
async function follow() {
  const [, start, end] = /^#at=(\d+)-(\d+)$/.exec(location.hash) ?? [];
  if (start === undefined || Number(start) >= Number(end) || Number(end) > text.length) return false;
  const span = { start: Number(start), end: Number(end) };
  selecting.cursor = span.start;
  await places.bring(span);
  paint.mark("flash", span);
  setTimeout(() => paint.mark("flash"), FLASH);
  say(`Here: “${quote(span)}”`);
  drawSoon();
  return true;
}

// ---- beginning

mouse(text, {
  selecting, openAt, view: () => places.view,
  onHold: (held) => strip.hold(held),
  under: (offset) => margin.light(offset === null ? [] : shown(offset, offset + 1).map(({ id }) => id)),
  isChanging: () => mode !== null,
});
keys({
  give: giveByNumber,
  arrow: (direction, sideways, { shift, alt }) => {
    if (shift && sideways) selecting.nudge(direction, { atStart: alt });
    else if (shift) selecting.extend(direction);
    else selecting.move(direction, { sideways });
  },
  grow: () => selecting.grow(),
  shrink: () => selecting.shrink(),
  find,
  enter: () => { if (mode === "adjust") keepSpan(); else if (target()) openAt(target().start, target().end); },
  next: () => openNext(1),
  previous: () => openNext(-1),
  number: numberAtHand, help, define, memo, undo, redo, adjust, recode, takeBack, leave,
});
part("undo").addEventListener("click", undo);
part("redo").addEventListener("click", redo);
part("help").addEventListener("click", help);
part("memo").addEventListener("click", documentMemo);
printing({
  standing, text, shown, nameOf: (code) => palette.nameOf(code), colourOf,
  paint: (segments) => paint.show(segments, text.pieces, lanes, colourOf), restore: () => { paint.painted = ""; draw(); },
});
addEventListener("scroll", drawSoon, { passive: true });
addEventListener("scrollend", () => places.keep());
addEventListener("hashchange", follow);
new ResizeObserver(() => { margin.forget(); drawSoon(); }).observe(text.article.parentElement);
document.fonts.ready.then(() => { margin.forget(); drawSoon(); });

const fold = () => { found(); part("codes").open = !narrow.matches; };
narrow.addEventListener("change", fold);
fold();

documentMemos = new Memos(part("document-memos"), {
  about: "document", subject: text.document, what: "this document", standing, write: memoWriter("document", text.document),
  onDone: closedDocumentMemo,
});
const askCodes = () => ask("/api/codes").then((codes) => { palette.know(codes); refresh(); }).catch(() => {});
const codes = askCodes();
document.addEventListener("visibilitychange", () => { if (!document.hidden) askCodes(); }); // one may have been made elsewhere
await Promise.all([standing.start(), codes]);
if (!(await follow())) await places.back();
draw();
document.documentElement.dataset.ready = "drawn";
await selecting.ready();
document.documentElement.dataset.ready = "yes";
