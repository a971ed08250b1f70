// Other words for a coded segment: the passage while its span is moved, word by word or with the mouse.

import { toPoints } from "/static/read/offsets.js";

const points = (text) => toPoints(text, text.length);

export class Adjusting {
  /** `passage`: holds the words, from code point `base` of the document; `start`, `end`: the span as it is. */
  constructor(passage, { base, start, end }) {
    Object.assign(this, { passage, base, start: start - base, end: end - base });
    this.before = [...passage.childNodes];
    this.hue = passage.querySelector("mark").className;
    for (const cut of passage.querySelectorAll(".cut")) cut.remove();
    this.text = [...passage.textContent];
    Object.assign(this, bounds(passage.textContent));
    passage.classList.add("adjusting");
    this.draw();
  }

  get words() {
    return this.text.slice(this.start, this.end).join("");
  }

  /** The span in code points of the document. */
  get span() {
    return { start: this.start + this.base, end: this.end + this.base };
  }

  /** Move the start or the end to the next bound of a word; where there is none it stays. */
  move(which, by) {
    const places = this[`${which}s`].filter((place) => (which === "start" ? place < this.end : place > this.start));
    const next = by > 0 ? places.find((place) => place > this[which]) : places.findLast((place) => place < this[which]);
    if (next !== undefined) this[which] = next;
    this.draw();
  }

  /** Take what is selected in the passage, out to the bounds of its words; say whether there was something. */
  take(selection) {
    const { passage } = this;
    if (selection.isCollapsed || !passage.contains(selection.anchorNode) || !passage.contains(selection.focusNode)) return false;
    const range = selection.getRangeAt(0);
    const before = document.createRange();
    before.setStart(passage, 0);
    before.setEnd(range.startContainer, range.startOffset);
    const first = points(before.toString());
    const last = first + points(range.toString());
    selection.removeAllRanges();
    const start = this.starts[this.ends.findIndex((end) => end > first)];
    const end = this.ends[this.starts.findLastIndex((from) => from < last)];
    if (start === undefined || end === undefined || start >= end) return false;
    Object.assign(this, { start, end });
    this.draw();
    return true;
  }

  draw() {
    const mark = document.createElement("mark");
    mark.className = this.hue;
    mark.textContent = this.words;
    this.passage.replaceChildren(this.text.slice(0, this.start).join(""), mark, this.text.slice(this.end).join(""));
  }

  leave() {
    this.passage.classList.remove("adjusting");
    this.passage.replaceChildren(...this.before);
  }
}

/** Where words and other signs begin and end, in code points. */
function bounds(text) {
  const starts = [], ends = [];
  let at = 0;
  const parts = globalThis.Intl?.Segmenter
    ? Array.from(new Intl.Segmenter(undefined, { granularity: "word" }).segment(text), (part) => part.segment)
    : text.split(/(\s+)/u);
  for (const part of parts) {
    const length = points(part);
    if (part.trim()) { starts.push(at); ends.push(at + length); }
    at += length;
  }
  return { starts, ends };
}
