// Places in the text. The browser counts UTF-16 units within a text node, the project Unicode code points of the
// whole text. `toPoints` and `toUnits` turn one into the other; nothing else does.

const PAIRED = /[\ud800-\udbff][\udc00-\udfff]/;

/** How many code points stand before a place given in UTF-16 units; a place within a pair is that before it. */
export function toPoints(text, units) {
  if (!PAIRED.test(text)) return Math.min(units, text.length);
  let points = 0;
  for (let at = 0; at < units && at < text.length; points++) {
    at += text.codePointAt(at) > 0xffff ? 2 : 1;
    if (at > units) return points;
  }
  return points;
}

/** How many UTF-16 units stand before a place given in code points. */
export function toUnits(text, points) {
  if (!PAIRED.test(text)) return Math.min(points, text.length);
  let at = 0;
  for (; points > 0 && at < text.length; points--) at += text.codePointAt(at) > 0xffff ? 2 : 1;
  return at;
}

/** The first place in an ordered list for which a question is answered with yes; its length if there is none. */
export function firstOf(length, isIt) {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isIt(middle)) high = middle; else low = middle + 1;
  }
  return low;
}

const MEASURE = 630; // pixels: the width of the column for which the page guessed how many lines a block takes

/** The text of the page: pieces, each one element with one text node, and the white space between them. */
export class Text {
  constructor(article) {
    this.article = article;
    this.document = article.dataset.document;
    this.digest = article.dataset.digest;
    this.length = Number(article.dataset.length);
    this.rest = article.dataset.rest ?? "";
    this.pieces = [];
    this.blocks = [...article.children].map((element) => {
      const first = this.pieces.length;
      for (const child of element.children) this.pieces.push(this.piece(child));
      return { element, pieces: this.pieces.slice(first) };
    });
    this.byElement = new Map(this.pieces.map((piece) => [piece.element, piece]));
    const wider = Math.max(1, MEASURE / Math.max(1, article.clientWidth));
    for (const { element } of this.blocks) element.style.containIntrinsicSize = `auto ${Math.round(element.dataset.lines * wider)}lh`;
  }

  piece(element) {
    const node = element.firstChild;
    const start = Number(element.dataset.start);
    const before = this.pieces.at(-1);
    return {
      i: this.pieces.length, element, node, start,
      end: start + toPoints(node.data, node.data.length),
      gap: element.dataset.gap ?? (before ? "\n\n" : ""),
      continues: before?.element.className === "part",
    };
  }

  /** The pieces in the window, and those no more than `ahead` pixels away from it. */
  near(ahead = 0) {
    const box = (k) => this.blocks[k].element.getBoundingClientRect();
    const first = firstOf(this.blocks.length, (k) => box(k).bottom > -ahead);
    const behind = firstOf(this.blocks.length, (k) => box(k).top > innerHeight + ahead);
    return this.blocks.slice(first, Math.max(behind, first + 1)).flatMap(({ pieces }) => pieces);
  }

  /** The piece that holds a place, else the next one, else the last. */
  at(offset) {
    const i = firstOf(this.pieces.length, (k) => this.pieces[k].end > offset);
    return this.pieces[Math.min(i, this.pieces.length - 1)];
  }

  /** The pieces that share words with a span. */
  within(start, end) {
    const first = firstOf(this.pieces.length, (k) => this.pieces[k].end > start);
    const behind = firstOf(this.pieces.length, (k) => this.pieces[k].start >= end);
    return this.pieces.slice(first, behind);
  }

  /** The browser's range of a span, or of its part within some pieces; null where no word of it stands. */
  range(start, end, among = this.within(start, end)) {
    const first = among.find((piece) => piece.end > start && piece.start < end);
    const last = among.findLast((piece) => piece.end > start && piece.start < end);
    if (!first) return null;
    const range = document.createRange();
    range.setStart(first.node, toUnits(first.node.data, Math.max(0, start - first.start)));
    range.setEnd(last.node, toUnits(last.node.data, Math.min(end, last.end) - last.start));
    return range;
  }

  /** The place in the text of a place in the page; between two pieces it is the beginning of the second. */
  offset(node, units) {
    const element = (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest("p[data-start]");
    const piece = this.byElement.get(element);
    if (piece && node === piece.node) return piece.start + toPoints(piece.node.data, units);
    if (piece) return units === 0 ? piece.start : piece.end;
    const place = document.createRange();
    place.setStart(node, units);
    const next = firstOf(this.pieces.length, (k) => place.comparePoint(this.pieces[k].element, 0) > 0);
    return this.pieces[next]?.start ?? this.length;
  }

  /** The words of a span, with all white space: what the project's text holds there. */
  words(start, end) {
    let found = "";
    const part = (from, text) => {
      const points = toPoints(text, text.length);
      if (from >= end || from + points <= start) return;
      found += text.slice(toUnits(text, Math.max(0, start - from)), toUnits(text, Math.min(points, end - from)));
    };
    for (let i = firstOf(this.pieces.length, (k) => this.pieces[k].end > start); i < this.pieces.length; i++) {
      const piece = this.pieces[i];
      part(piece.start - piece.gap.length, piece.gap);
      part(piece.start, piece.node.data);
      if (piece.end >= end) return found;
    }
    part(this.length - this.rest.length, this.rest);
    return found;
  }
}
