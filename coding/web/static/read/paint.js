// Codes painted under the words, by the CSS Custom Highlight API: the text itself is never changed. Each colour and each
// lane has a highlight of its own; where codes overlap their lines lie one below the other.

const LANES = 3;
const COLOURS = 7;
const MARKS = { lit: "--here", chosen: "--chosen", selected: "--chosen", flash: "--here" };
const can = "highlights" in CSS;
// How a highlight looks is said once, for the whole text: browsers that hand it down to the paragraphs then need
// not ask it of each of them, which takes a quarter of a second in a long text. Firefox does not hand it down.
const scope = CSS.supports("-moz-appearance", "none") ? "#text p" : "#text";

/** The lane of each segment, of an ordered list: the first that is free where it starts, else the last. */
export function lanesOf(segments) {
  const ends = new Array(LANES).fill(-1);
  const lanes = new Map();
  for (const { id, start, end } of segments) {
    const free = ends.findIndex((behind) => behind <= start);
    const lane = free < 0 ? LANES - 1 : free;
    ends[lane] = Math.max(ends[lane], end);
    lanes.set(id, lane);
  }
  return lanes;
}

/** One's own is a solid line, others' a dashed one. */
function underline(whose, colour, lane) {
  const drawn = whose === "own" ? "solid 2px" : "dashed 1px";
  return `text-decoration: underline ${drawn} var(--code-${colour}); text-underline-offset: ${3 + 3 * lane + (whose === "own" ? 0 : 1)}px;`;
}

export class Paint {
  constructor(text) {
    this.text = text;
    this.painted = "";
    this.highlights = new Map();
    if (!can) return;
    const sheet = new CSSStyleSheet();
    for (const whose of ["own", "other"]) {
      for (let colour = 0; colour < COLOURS; colour++) {
        for (let lane = 0; lane < LANES; lane++) {
          const name = `${whose}-${colour}-${lane}`;
          this.register(name, lane);
          sheet.insertRule(`${scope}::highlight(${name}) { ${underline(whose, colour, lane)} }`);
        }
      }
    }
    for (const [i, [name, colour]] of Object.entries(MARKS).entries()) {
      this.register(name, LANES + i);
      sheet.insertRule(`${scope}::highlight(${name}) { background-color: var(${colour}); }`);
    }
    document.adoptedStyleSheets.push(sheet);
  }

  register(name, priority) {
    const highlight = new Highlight();
    highlight.priority = priority;
    CSS.highlights.set(name, highlight);
    this.highlights.set(name, highlight);
  }

  /** Underline these segments, as far as they stand in these pieces, and no others. */
  show(segments, pieces, lanes, colourOf) {
    const ids = segments.map(({ id, start, end, mine }) => `${id} ${start} ${end} ${mine} ${lanes.get(id)}`);
    const wanted = `${pieces[0]?.i} ${pieces.at(-1)?.i} ${ids.join()}`;
    if (!can || wanted === this.painted) return;
    this.painted = wanted;
    for (const [name, highlight] of this.highlights) if (/^o/.test(name)) highlight.clear();
    for (const segment of segments) {
      const range = this.text.range(segment.start, segment.end, pieces);
      const name = `${segment.mine ? "own" : "other"}-${colourOf(segment.code)}-${lanes.get(segment.id)}`;
      if (range) this.highlights.get(name).add(range);
    }
  }

  /** Paint these spans, and no others, as "lit", "chosen", "selected" or "flash". */
  mark(name, ...spans) {
    if (!can && name === "selected" && spans[0]) selectNatively(this.text.range(spans[0].start, spans[0].end));
    if (!can) return;
    const highlight = this.highlights.get(name);
    highlight.clear();
    for (const span of spans) {
      const range = span && this.text.range(span.start, span.end);
      if (range) highlight.add(range);
    }
  }
}

function selectNatively(range) {
  getSelection().setBaseAndExtent(range.startContainer, range.startOffset, range.endContainer, range.endOffset);
}
