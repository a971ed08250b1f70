// The codes at the left: a tree to walk, a field to find one by its name, and a number to type for up to nine of them.

import { place } from "/static/app.js";
import { make } from "/static/read/memos.js";
import { Numbers } from "/static/read/numbers.js";

const CLOSED_AT = `coding-closed:${place}`;
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

export class Palette {
  /** `onGive`: called with the code that was chosen; `onHand`: with the one that is walked to. */
  constructor({ onGive, onHand, onNumber, onLeave }) {
    Object.assign(this, { onGive, onHand, onNumber, onLeave });
    this.tree = document.getElementById("tree");
    this.filter = document.getElementById("filter");
    this.colours = JSON.parse(this.tree.dataset.colours);
    this.codes = new Map();
    this.readItems();
    this.numbers = new Numbers((code) => this.byCode.has(code));
    this.active = this.items[0]?.code ?? null;
    this.tree.addEventListener("click", (event) => this.clicked(event));
    this.tree.addEventListener("keydown", (event) => this.walk(event));
    this.tree.addEventListener("focusin", (event) => this.activate(event.target.dataset.code));
    this.filter.addEventListener("input", () => this.narrow());
    this.filter.addEventListener("keydown", (event) => this.inFilter(event));
    this.narrow();
    this.showKeys();
  }

  readItems() {
    this.items = [...this.tree.children].map((element, i) => ({
      i, element, code: element.dataset.code, level: Number(element.ariaLevel), name: element.querySelector(".name").textContent,
      own: element.querySelector(".own"), key: element.querySelector(".key"),
    }));
    this.byCode = new Map(this.items.map((item) => [item.code, item]));
    for (const code of readList(CLOSED_AT)) this.byCode.get(code)?.element.setAttribute("aria-expanded", "false");
  }

  /** Take up what the codebook says of its codes; where it has others than the page, the tree is made anew. */
  know(codes) {
    this.codes = new Map(codes.map((code) => [code.id, code]));
    const { lines, colours } = linesOf(codes);
    const told = (all) => JSON.stringify(all.map(({ code, name, level }) => [code, name, level]));
    if (told(lines) !== told(this.items)) {
      this.colours = colours;
      const held = this.tree.contains(document.activeElement);
      this.tree.replaceChildren(...lines.map((line) => elementOf(line, colours)));
      this.readItems();
      this.showKeys();
      if (held) (this.byCode.get(this.active) ?? this.items[0])?.element.focus();
    }
    for (const item of this.items) item.sought = plain(`${item.name} ${item.code} ${this.codes.get(item.code)?.path ?? ""}`);
    this.narrow();
  }

  nameOf(code) {
    return this.codes.get(code)?.name ?? this.byCode.get(code)?.name ?? code;
  }

  colourOf(code) {
    return this.colours[code] ?? 6;
  }

  // ---- counts and keys

  /** Show how often each code was given; above a closed branch stands the sum of what is below it. */
  count(segments) {
    const counts = new Map();
    for (const { code } of segments) counts.set(code, (counts.get(code) ?? 0) + 1);
    const below = [];
    for (const item of this.items.toReversed()) {
      const own = counts.get(item.code) ?? 0;
      while (below.length <= item.level) below.push(0);
      const sum = own + below[item.level];
      below[item.level - 1] += sum;
      below[item.level] = 0;
      const shown = item.element.ariaExpanded === null ? own : sum;
      const words = shown ? String(shown) : "";
      if (item.own.textContent !== words) item.own.textContent = words;
    }
  }

  /** Give a code that was used the first free number, if there is one. */
  used(code) {
    this.numbers.take(code);
    this.showKeys();
  }

  /** Give a code this number, or take it away if it has it; say what has become of it. */
  number(code, number) {
    const has = this.numbers.put(code, number);
    this.showKeys();
    return has ? `${this.nameOf(code)} has the number ${has} now.` : `${this.nameOf(code)} has no number now.`;
  }

  /** The codes that have a number to type: number and code, in the order of the numbers. */
  get keyed() {
    return this.numbers.given;
  }

  showKeys() {
    for (const { key } of this.items) key.textContent = "";
    for (const [number, code] of this.keyed) this.byCode.get(code).key.textContent = String(number);
  }

  // ---- the tree

  get visible() {
    return this.order.filter(({ element }) => !element.hidden);
  }

  /** Show what the filter asks for, the best first; without a filter the tree, without what a closed branch hides. */
  narrow() {
    const typed = wordsOf(this.filter.value);
    const words = typed.split(" ").filter(Boolean);
    const hits = this.items.filter(({ sought, name }) => words.every((word) => (sought ?? plain(name)).includes(word)));
    this.tree.classList.toggle("narrowed", words.length > 0);
    if (words.length) this.showFound(hits.toSorted((a, b) => rank(a, typed) - rank(b, typed)));
    else this.showTree();
    document.getElementById("no-code").hidden = !this.items.length || hits.length > 0;
    if (words.length) this.activate(this.visible[0]?.code ?? null);
    else if (!this.byCode.get(this.active) || this.byCode.get(this.active).element.hidden) this.activate(this.visible[0]?.code ?? null);
    else this.activate(this.active);
  }

  showFound(found) {
    const hits = new Set(found);
    for (const item of this.items) item.element.hidden = !hits.has(item);
    this.arrange([...found, ...this.items.filter((item) => !hits.has(item))]);
  }

  showTree() {
    let closed = Infinity;
    for (const { level, element } of this.items) {
      if (level <= closed) closed = Infinity;
      element.hidden = closed < level;
      if (element.ariaExpanded === "false" && closed === Infinity) closed = level;
    }
    this.arrange(this.items);
  }

  arrange(order) {
    const same = order.every(({ element }, i) => this.tree.children[i] === element);
    this.order = order;
    if (!same) this.tree.append(...order.map(({ element }) => element));
  }

  activate(code) {
    const before = this.byCode.get(this.active)?.element;
    before?.classList.remove("active");
    before?.setAttribute("tabindex", "-1");
    this.active = code;
    const item = this.byCode.get(code);
    if (!item) { this.filter.removeAttribute("aria-activedescendant"); return; }
    item.element.classList.add("active");
    item.element.setAttribute("tabindex", "0");
    this.filter.setAttribute("aria-activedescendant", item.element.id);
    if (this.isUsed()) { item.element.scrollIntoView({ block: "nearest" }); this.onHand(code); }
  }

  isUsed() {
    return document.activeElement === this.filter || this.tree.contains(document.activeElement);
  }

  step(by) {
    const shown = this.visible;
    const at = shown.findIndex(({ code }) => code === this.active);
    return shown[Math.max(0, Math.min(shown.length - 1, at + by))];
  }

  toggle(item, open = item.element.ariaExpanded !== "true") {
    if (item.element.ariaExpanded === null) return;
    item.element.setAttribute("aria-expanded", String(open));
    const closed = this.items.filter(({ element }) => element.ariaExpanded === "false").map(({ code }) => code);
    localStorage.setItem(CLOSED_AT, JSON.stringify(closed));
    this.narrow();
  }

  clicked(event) {
    const element = event.target.closest("[data-code]");
    if (!element) return;
    const item = this.byCode.get(element.dataset.code);
    this.activate(item.code);
    if (event.target.closest(".twist")) this.toggle(item); else this.onGive(item.code);
  }

  walk(event) {
    const item = this.byCode.get(event.target.dataset?.code);
    if (!item || event.ctrlKey || event.metaKey || event.altKey) return;
    const open = item.element.ariaExpanded;
    const ways = {
      ArrowDown: () => this.step(1)?.element.focus(),
      ArrowUp: () => this.step(-1)?.element.focus(),
      Home: () => this.step(-Infinity)?.element.focus(),
      End: () => this.step(Infinity)?.element.focus(),
      ArrowRight: () => (open === "false" ? this.toggle(item, true) : this.step(1)?.element.focus()),
      ArrowLeft: () => (open === "true" ? this.toggle(item, false) : this.above(item)?.element.focus()),
      Enter: () => this.onGive(item.code),
      " ": () => this.onGive(item.code),
    };
    if (!ways[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    ways[event.key]();
  }

  above(item) {
    return this.items.slice(0, item.i).findLast((one) => one.level < item.level);
  }

  inFilter(event) {
    const [, digit] = /^Digit([1-9])$/.exec(event.code) ?? [];
    if (digit && event.altKey && this.active) { event.preventDefault(); this.onNumber(this.active, Number(digit)); return; }
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by && event.key !== "Escape" && (event.key !== "Enter" || event.isComposing)) return;
    event.preventDefault();
    if (by) { this.activate(this.step(by)?.code ?? this.active); return; }
    const code = this.active;
    this.reset();
    if (event.key === "Escape") this.onLeave();
    else if (code) this.onGive(code, { typed: true });
  }

  reset() {
    this.filter.value = "";
    this.narrow();
  }
}

const wordsOf = (text) => plain(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean).join(" ");

/** How well a code is called what was typed: so, beginning so, with a word that begins so, or only related to it. */
function rank({ name }, typed) {
  const words = wordsOf(name);
  if (words === typed) return 0;
  if (words.startsWith(typed)) return 1;
  return words.includes(` ${typed}`) ? 2 : 3;
}

/** The lines of the tree as the codebook has them, each before those below it, and the colours of the codes. */
function linesOf(codes) {
  const below = Map.groupBy(codes.filter(({ retired }) => !retired), ({ parent }) => parent ?? null);
  const tops = codes.filter(({ parent }) => !parent).map(({ id }) => id);
  const parents = new Map(codes.map(({ id, parent }) => [id, parent]));
  const topOf = (id) => { while (parents.get(id)) id = parents.get(id); return id; };
  const under = (parent, level) => (below.get(parent) ?? []).flatMap(({ id, name }) =>
    [{ code: id, name, level, opens: below.has(id) }, ...under(id, level + 1)]);
  return { lines: under(null, 1), colours: Object.fromEntries(codes.map(({ id }) => [id, Math.min(tops.indexOf(topOf(id)), 6)])) };
}

function elementOf({ code, name, level, opens }, colours) {
  const part = (className, text = "") => make("span", { className, text, "aria-hidden": className === "twist" || className === "key" ? "true" : null });
  return make("li", {
    role: "treeitem", id: `code-${code}`, className: `code-${colours[code]} deep-${Math.min(level - 1, 4)}`, "aria-level": String(level),
    tabindex: "-1", "data-code": code, "aria-expanded": opens ? String(level === 1) : null,
  }, part("twist"), part("key"), part("name", name), part("own"));
}

function readList(key) {
  const kept = JSON.parse(localStorage.getItem(key) ?? "[]");
  return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
}
