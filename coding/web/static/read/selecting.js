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
    this.words = new Map();
    this.paragraphs = paragraphsOf(text);
    this.segmenter = new Intl.Segmenter(text.article.lang || "en", { granularity: "word" });
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

  /** Ask for the sentences of the text, once; without a server there are paragraphs and words only. */
  async ready() {
    this.asked ??= ask(`/api/sentences?id=${encodeURIComponent(this.text.document)}`);
    try {
      this.sentences ??= await this.asked;
    } catch {
      this.asked = null;
    }
  }

  units(level, near) {
    if (level === "paragraph" || (level === "sentence" && !this.sentences)) return this.paragraphs;
    return level === "sentence" ? this.sentences : this.wordsNear(near);
  }

  /** The words of the piece that holds a place, and of its neighbours. */
  wordsNear(offset) {
    const { i } = this.text.at(offset);
    return this.text.pieces.slice(Math.max(0, i - 1), i + 2).flatMap((piece) => this.wordsOf(piece));
  }

  wordsOf(piece) {
    if (!this.words.has(piece)) {
      const found = [];
      let at = piece.start;
      for (const { segment, isWordLike } of this.segmenter.segment(piece.node.data)) {
        const end = at + toPoints(segment, segment.length);
        if (isWordLike) found.push([at, end]);
        at = end;
      }
      this.words.set(piece, found);
    }
    return this.words.get(piece);
  }

  /** A span grown to whole words, without white space at its ends; null if it holds nothing else. */
  snapped(start, end) {
    const bare = this.trimmed(start, end);
    if (!bare) return null;
    const first = this.wordsNear(bare.start).find(([from, to]) => from < bare.start && to > bare.start);
    const last = this.wordsNear(bare.end - 1).find(([from, to]) => from < bare.end && to > bare.end);
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
