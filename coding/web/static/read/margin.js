// The margin: beside the text, for each coded segment that is in view or near it, a stripe as long as its words and
// its name. Everything is measured first and written afterwards, so that a frame lays the page out once; where a
// stripe and its name were put is kept, relative to a piece of the text, so that scrolling moves nothing about.

const AHEAD = 600; // pixels above and below the window
const COLUMNS = 8;
const STEP = 7; // pixels from one stripe to the next
const ROOM = 4; // columns of stripes beside which names stand; where there are more, names give way
const LINE = 20; // pixels, roughly, of a name before it is measured
const NARROW = 260; // pixels of a margin too narrow for a note beside the text
const GAP = 2;
const FURTHEST = 170; // pixels that a name may stand below where its words begin

export class Margin {
  /** `shown`: gives the segments over a span that are to be shown; `describe`: what is said of one. */
  constructor(root, text, { shown, describe, onChoose, onLight }) {
    Object.assign(this, { root, text, shown, describe, onChoose, onLight });
    this.drawn = new Map(); // id -> its elements
    this.places = new Map(); // id -> where it stands
    this.chosen = null;
    this.lit = new Set();
    this.width = 0;
    this.version = 0;
    root.addEventListener("click", (event) => {
      const id = event.target.closest(".stripe, .name")?.closest(".coded")?.dataset.id;
      if (id) this.onChoose(id);
    });
    for (const [name, on] of [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]]) {
      root.addEventListener(name, (event) => {
        const drawn = event.target.closest(".coded");
        if (drawn) this.light(on ? [drawn.dataset.id] : [], { words: true });
      });
    }
  }

  /** Forget where things stand: the text was laid out anew. */
  forget() {
    this.places.clear();
  }

  /** Say anew what is said of the segments. */
  changed() {
    this.version++;
  }

  /** Draw what is near, and take away what is not; return the pieces and segments that are near. */
  draw() {
    const pieces = this.text.near(AHEAD);
    if (!pieces.length) return { pieces, segments: [] };
    const segments = this.shown(pieces[0].start, pieces.at(-1).end);
    const { top, width } = this.root.getBoundingClientRect();
    if (width !== this.width) this.forget();
    this.width = width;
    const tops = new Map(pieces.map((piece) => [piece, piece.element.getBoundingClientRect().top - top]));
    const stood = segments.map((segment) => this.measure(segment, pieces, tops));
    this.write(segments);
    this.measureNames(segments);
    this.put(segments, stood, tops);
    return { pieces, segments };
  }

  /** Let the page hold these segments, in their order, and no others. */
  write(segments) {
    const wanted = new Set(segments.map(({ id }) => id));
    for (const [id, drawn] of this.drawn) {
      if (wanted.has(id) || this.isKept(id, drawn)) continue;
      drawn.root.remove();
      this.drawn.delete(id);
    }
    let before = null;
    for (const segment of segments) {
      const drawn = this.drawn.get(segment.id) ?? this.make(segment);
      this.fill(drawn, segment);
      if (segment.id === this.chosen) this.open(drawn);
      const next = before ? before.root.nextSibling : this.root.firstChild;
      if (drawn.root !== next) this.root.insertBefore(drawn.root, next);
      before = drawn;
    }
  }

  /** Measure what was just written; where a name has grown or shrunk, all names are put anew. */
  measureNames(segments) {
    for (const { id } of segments) {
      const drawn = this.drawn.get(id);
      if (drawn.measured || id === this.chosen) continue;
      const before = drawn.height;
      drawn.height = drawn.head.offsetHeight;
      drawn.measured = true;
      if (before !== drawn.height && this.places.get(id).name) for (const place of this.places.values()) place.name = null;
    }
  }

  /** Where the words of a segment begin and end, from the top of the margin; what is far away is cut off. */
  measure(segment, pieces, tops) {
    const first = pieces[0];
    const last = pieces.at(-1);
    let place = this.places.get(segment.id);
    if (!place || place.start !== segment.start || place.end !== segment.end) {
      place = { start: segment.start, end: segment.end, from: null, to: null, column: null, name: null };
      this.places.set(segment.id, place);
    }
    if (!place.from && segment.start >= first.start) place.from = this.edge(segment.start, segment.start + 1, "top", tops);
    if (!place.to && segment.end <= last.end) place.to = this.edge(segment.end - 1, segment.end, "bottom", tops);
    const from = place.from && tops.has(place.from.piece) ? tops.get(place.from.piece) + place.from.by : tops.get(first);
    const to = place.to && tops.has(place.to.piece)
      ? tops.get(place.to.piece) + place.to.by
      : tops.get(last) + last.element.getBoundingClientRect().height;
    return { from, to: Math.max(to, from + 6) };
  }

  edge(start, end, side, tops) {
    const piece = this.text.at(side === "top" ? start : Math.max(0, end - 1));
    const within = Math.max(piece.start, Math.min(start, piece.end - 1));
    const range = this.text.range(within, Math.max(within + 1, Math.min(end, piece.end)), [piece]);
    if (!range || !tops.has(piece)) return null;
    return { piece, by: range.getBoundingClientRect()[side] - piece.element.getBoundingClientRect().top };
  }

  make({ id }) {
    const root = document.createElement("div");
    const stripe = root.appendChild(document.createElement("span"));
    const note = root.appendChild(document.createElement("div"));
    const head = note.appendChild(document.createElement("div"));
    const name = head.appendChild(document.createElement("button"));
    const excerpt = head.appendChild(document.createElement("p"));
    root.dataset.id = id;
    stripe.className = "stripe";
    stripe.setAttribute("aria-hidden", "true");
    note.className = "note";
    head.className = "said";
    name.className = "name";
    name.type = "button";
    const what = name.appendChild(document.createElement("span"));
    const who = name.appendChild(document.createElement("span"));
    what.className = "what";
    who.className = "who";
    excerpt.className = "excerpt";
    const drawn = { root, stripe, note, head, name, what, who, excerpt, height: LINE, measured: false, version: null };
    this.drawn.set(id, drawn);
    return drawn;
  }

  /** Write what is said of a segment, if that may have changed. */
  fill(drawn, segment) {
    if (drawn.version === this.version) return;
    const said = this.describe(segment);
    const is = { ...said.is, chosen: this.chosen === segment.id, lit: this.lit.has(segment.id) };
    drawn.root.className = ["coded", `code-${said.colour}`, ...Object.keys(is).filter((name) => is[name])].join(" ");
    drawn.what.textContent = said.name;
    drawn.who.textContent = said.who && `\u00a0· ${said.who}`;
    drawn.name.setAttribute("aria-label", said.label);
    drawn.name.setAttribute("aria-expanded", String(is.chosen));
    drawn.excerpt.textContent = said.excerpt;
    drawn.excerpt.hidden = !said.excerpt;
    Object.assign(drawn, { version: this.version, measured: false, where: "" });
  }

  /** Put stripes and names in place: stripes that lie beside each other into columns, names below each other. */
  put(segments, stood, tops) {
    const taken = [];
    const columns = Array.from({ length: COLUMNS }, () => []);
    const all = segments.map(({ id }, i) => ({ ...stood[i], place: this.places.get(id), drawn: this.drawn.get(id) }));
    for (const { from, to, place } of all) if (place.column !== null) columns[place.column].push([from, to]);
    for (const { place, drawn } of all) {
      const top = place.name && tops.has(place.name.piece) ? tops.get(place.name.piece) + place.name.by : null;
      if (top !== null && !place.crowded) taken.push([top, top + drawn.height]);
    }
    for (const { from, to, place } of all) {
      if (place.column !== null) continue;
      const free = columns.findIndex((column) => !column.some(([a, b]) => a < to && from < b));
      place.column = free < 0 ? COLUMNS - 1 : free;
      columns[place.column].push([from, to]);
    }
    for (const { from, to, place, drawn } of all) {
      if (place.from && !place.name) this.putName(place, from, drawn.height, taken);
      const piece = place.name ? tops.get(place.name.piece) : undefined;
      const name = piece === undefined ? from : piece + place.name.by;
      const beside = columns.findLastIndex((column, i) => i < ROOM || column.some(([a, b]) => a < Math.max(to, name + drawn.height) && from < b));
      const crowded = !place.name || Boolean(place.crowded);
      this.move(drawn, { x: place.column * STEP, from, to, name, aside: (beside + 1 - ROOM) * STEP, crowded });
    }
  }

  putName(place, from, height, taken) {
    let top = from;
    for (let moved = true; moved && top - from <= FURTHEST;) {
      const under = taken.find(([a, b]) => a < top + height && top < b + GAP);
      moved = Boolean(under);
      if (under) top = under[1] + GAP;
    }
    place.crowded = top - from > FURTHEST;
    place.name = { piece: place.from.piece, by: place.from.by + (place.crowded ? 0 : top - from) };
    if (!place.crowded) taken.push([top, top + height]);
  }

  move(drawn, at) {
    const over = this.width < NARROW && drawn.root.dataset.id === this.chosen; // an open note covers no word of its own
    const name = Math.round(over ? at.to + GAP : at.name);
    const where = [at.x, Math.round(at.from), Math.round(at.to), name, at.aside, at.crowded].join();
    if (where === drawn.where) return;
    drawn.where = where;
    drawn.stripe.style.transform = `translate(${at.x}px, ${Math.round(at.from)}px)`;
    drawn.stripe.style.height = `${Math.round(at.to - at.from)}px`;
    drawn.note.style.transform = `translate(${at.aside}px, ${name}px)`;
    drawn.note.style.setProperty("--aside", `${at.aside}px`);
    drawn.root.classList.toggle("crowded", at.crowded);
  }

  isKept(id, { root }) {
    return id === this.chosen || root.contains(document.activeElement);
  }

  /** Open a segment's note with what is in `panel`, as soon as it is drawn; close the one that was open. */
  choose(id, panel) {
    const before = this.drawn.get(this.chosen);
    this.panel?.remove();
    Object.assign(this, { chosen: id, panel });
    if (before) this.reclass(before);
    const drawn = this.drawn.get(id);
    if (drawn) { this.reclass(drawn); this.open(drawn); }
  }

  open(drawn) {
    if (this.panel && this.panel.parentElement !== drawn.note) drawn.note.append(this.panel);
  }

  reclass(drawn) {
    const is = drawn.root.dataset.id === this.chosen;
    drawn.root.classList.toggle("chosen", is);
    drawn.name.setAttribute("aria-expanded", String(is));
    drawn.version = null;
  }

  /** Light up segments; `words` says whether their words light up too. */
  light(ids, { words = false } = {}) {
    this.lit = new Set(ids);
    this.showLit();
    this.onLight(words ? ids.filter((id) => id !== this.chosen) : []);
  }

  showLit() {
    for (const [id, { root }] of this.drawn) root.classList.toggle("lit", this.lit.has(id));
  }
}
