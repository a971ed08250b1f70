// What is selected, and how keys and the mouse change it: by word, sentence and paragraph.

import { ask } from "/static/app.js";
import { firstOf, toPoints } from "/static/read/offsets.js";

const LEVELS = ["word", "sentence", "paragraph"];

export class Selecting extends EventTarget {
  constructor(text) {
    super();
    this.text = text;
    this.span = null; // what is selected: start and end
    this.level = "sentence"; // what the arrows go by
    this.anchor = null; // from where Shift extends
    this.cursor = 0; // where the arrows set out from when nothing is selected
    this.inner = []; // what was selected before it grew
    this.parts = { word: new Map(), sentence: new Map() };
    this.paragraphs = paragraphsOf(text);
    const segmenter = (granularity) => new Intl.Segmenter(text.article.lang || "en", { granularity });
    this.segmenters = { word: segmenter("word"), sentence: segmenter("sentence") };
  }

  /** Select a span; `by` is "mouse" or "keys". */
  set(span, { by = "keys", level = this.level, anchor = span, inner = [] } = {}) {
    Object.assign(this, { span, level, anchor, inner, by });
    if (span) this.cursor = span.start;
    this.dispatchEvent(new Event("changed"));
  }

  clear() {
    if (this.span) this.set(null, { level: "sentence" });
  }

  /** Ask for the sentences of the text. Until they are there, and without a server, the browser's own stand in. */
  async ready() {
    try {
      this.sentences ??= await ask(`/api/sentences?id=${encodeURIComponent(this.text.document)}`);
    } catch { /* the browser's own are nearly as good */ }
  }

  units(level, near) {
    if (level === "paragraph") return this.paragraphs;
    if (level === "sentence" && this.sentences) return this.sentences;
    return this.partsNear(level, near);
  }

  /** The words, or the browser's sentences, of the piece that holds a place and of its neighbours. */
  partsNear(level, offset) {
    const { i } = this.text.at(offset);
    return this.text.pieces.slice(Math.max(0, i - 1), i + 2).flatMap((piece) => this.partsOf(level, piece));
  }

  partsOf(level, piece) {
    const known = this.parts[level];
    if (!known.has(piece)) {
      const found = [];
      let at = piece.start;
      for (const { segment, isWordLike } of this.segmenters[level].segment(piece.node.data)) {
        const points = toPoints(segment, segment.length);
        const bare = segment.trimEnd();
        if (level === "sentence" ? bare : isWordLike) found.push([at, at + toPoints(bare, bare.length)]);
        at += points;
      }
      known.set(piece, found);
    }
    return known.get(piece);
  }

  /** A span grown to whole words, without white space at its ends; null if it holds nothing else. */
  snapped(start, end) {
    const bare = this.trimmed(start, end);
    if (!bare) return null;
    const first = this.partsNear("word", bare.start).find(([from, to]) => from < bare.start && to > bare.start);
    const last = this.partsNear("word", bare.end - 1).find(([from, to]) => from < bare.end && to > bare.end);
    return { start: first ? first[0] : bare.start, end: last ? last[1] : bare.end };
  }

  trimmed(start, end) {
    const words = this.text.words(start, end);
    if (!words.trim()) return null;
    return { start: start + words.length - words.trimStart().length, end: end - (words.length - words.trimEnd().length) };
  }

  /** Go to the next (1) or previous (-1) sentence, or paragraph or word if that is what is selected. */
  move(direction, { sideways }) {
    const level = sideways || this.level === "paragraph" ? this.level : "sentence";
    const from = this.span ? (direction > 0 ? this.span.end : this.span.start) : this.cursor;
    const units = this.units(level, from);
    let i;
    if (!this.span) i = firstOf(units.length, (k) => units[k][1] > from);
    else if (direction > 0) i = firstOf(units.length, (k) => units[k][0] >= from);
    else i = firstOf(units.length, (k) => units[k][0] >= from) - 1;
    if (units[i]) this.set(spanOf(units[i]), { level });
  }

  /** Extend to the next sentence (1), or take one back (-1), as seen from where the selection began. */
  extend(direction) {
    if (!this.span) { this.move(direction, { sideways: false }); return; }
    const { anchor } = this;
    let { start, end } = this.span;
    const units = this.units("sentence", start);
    if (direction > 0 && start < anchor.start) start = Math.min(anchor.start, startAfter(units, start));
    else if (direction > 0) end = endAfter(units, end);
    else if (end > anchor.end) end = Math.max(anchor.end, endBefore(units, end));
    else start = startBefore(units, start);
    this.set({ start, end }, { level: "sentence", anchor });
  }

  /** Move the end of the selection, or its start, by a word. */
  nudge(direction, { atStart }) {
    if (!this.span) { this.move(direction, { sideways: true }); return; }
    let { start, end } = this.span;
    const units = this.units("word", atStart ? start : end);
    if (atStart) start = direction > 0 ? startAfter(units, start) : startBefore(units, start);
    else end = direction > 0 ? endAfter(units, end) : endBefore(units, end);
    if (start < end) this.set({ start, end }, { level: this.level });
  }

  grow() {
    const span = this.span ?? { start: this.cursor, end: this.cursor + 1 };
    for (const level of LEVELS) {
      const grown = this.covering(level, span);
      if (grown.start < span.start || grown.end > span.end || !this.span) {
        const inner = this.span ? [...this.inner, { span, level: this.level }] : [];
        this.set(grown, { level, inner });
        return;
      }
    }
  }

  shrink() {
    if (!this.span) { this.grow(); return; }
    const before = this.inner.at(-1);
    if (before) { this.set(before.span, { level: before.level, inner: this.inner.slice(0, -1) }); return; }
    for (const level of LEVELS.toReversed()) {
      const units = this.units(level, this.span.start);
      const first = units[firstOf(units.length, (k) => units[k][1] > this.span.start)];
      if (!first) continue;
      const shrunk = { start: Math.max(first[0], this.span.start), end: Math.min(first[1], this.span.end) };
      if (shrunk.end - shrunk.start < this.span.end - this.span.start) { this.set(shrunk, { level }); return; }
    }
  }

  /** The units of a level that a span touches, as one span. */
  covering(level, { start, end }) {
    const first = this.units(level, start);
    const i = firstOf(first.length, (k) => first[k][1] > start);
    const last = this.units(level, end - 1);
    const j = firstOf(last.length, (k) => last[k][0] >= end) - 1;
    return { start: Math.min(start, first[i]?.[0] ?? start), end: Math.max(end, last[j]?.[1] ?? end) };
  }
}

const spanOf = ([start, end]) => ({ start, end });
const endAfter = (units, at) => units[firstOf(units.length, (k) => units[k][1] > at)]?.[1] ?? at;
const startAfter = (units, at) => units[firstOf(units.length, (k) => units[k][0] > at)]?.[0] ?? at;
const startBefore = (units, at) => units[firstOf(units.length, (k) => units[k][0] >= at) - 1]?.[0] ?? at;
const endBefore = (units, at) => units[firstOf(units.length, (k) => units[k][1] >= at) - 1]?.[1] ?? at;

function paragraphsOf(text) {
  const found = [];
  for (const { start, end, continues } of text.pieces) {
    if (continues) found.at(-1)[1] = end; else found.push([start, end]);
  }
  return found;
}
