// The codes at the left: a tree to walk, a field to find one by its name, a key for each of the last nine, and the
// definition of the one at hand.

import { place } from "/static/app.js";

const SLOTS = 9;
const SLOTS_AT = `coding-keys:${place}`;
const CLOSED_AT = `coding-closed:${place}`;
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

export class Palette {
  /** `onGive`: called with the code that was chosen; `onHand`: with the one that is walked to. */
  constructor({ onGive, onHand, onLeave }) {
    Object.assign(this, { onGive, onHand, onLeave });
    this.tree = document.getElementById("tree");
    this.filter = document.getElementById("filter");
    this.colours = JSON.parse(this.tree.dataset.colours);
    this.codes = new Map();
    this.items = [...this.tree.children].map((element, i) => ({
      i, element, code: element.dataset.code, level: Number(element.ariaLevel), name: element.querySelector(".name").textContent,
      own: element.querySelector(".own"), key: element.querySelector(".key"),
    }));
    this.byCode = new Map(this.items.map((item) => [item.code, item]));
    this.slots = readList(SLOTS_AT);
    this.uses = [...this.slots.keys()];
    this.active = this.items[0]?.code ?? null;
    for (const code of readList(CLOSED_AT)) this.byCode.get(code)?.element.setAttribute("aria-expanded", "false");
    this.tree.addEventListener("click", (event) => this.clicked(event));
    this.tree.addEventListener("keydown", (event) => this.walk(event));
    this.tree.addEventListener("focusin", (event) => this.activate(event.target.dataset.code));
    this.filter.addEventListener("input", () => this.narrow());
    this.filter.addEventListener("keydown", (event) => this.inFilter(event));
    this.narrow();
    this.showKeys();
  }

  /** Take up what the codebook says of its codes. */
  know(codes) {
    this.codes = new Map(codes.map((code) => [code.id, code]));
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

  /** Give a code a number to type, in the place of the one that was used longest ago. */
  used(code) {
    let slot = this.slots.indexOf(code);
    if (slot < 0) slot = this.slots.length < SLOTS ? this.slots.length : this.uses[0];
    this.slots[slot] = code;
    this.uses = [...this.uses.filter((one) => one !== slot), slot];
    localStorage.setItem(SLOTS_AT, JSON.stringify(this.slots));
    this.showKeys();
  }

  /** The codes with a number to type, in the order of the numbers. */
  get keyed() {
    return this.slots.filter((code) => this.byCode.has(code));
  }

  showKeys() {
    for (const { key } of this.items) key.textContent = "";
    for (const [i, code] of this.keyed.entries()) this.byCode.get(code).key.textContent = String(i + 1);
  }

  // ---- the tree

  get visible() {
    return this.items.filter(({ element }) => !element.hidden);
  }

  /** Show what the filter asks for with what stands above it; without a filter what no closed branch hides. */
  narrow() {
    const words = plain(this.filter.value).split(/\s+/).filter(Boolean);
    const hits = new Set(this.items.filter(({ sought, name }) => words.every((word) => (sought ?? plain(name)).includes(word))));
    let closed = Infinity;
    for (const item of this.items) {
      if (item.level <= closed) closed = Infinity;
      item.element.hidden = words.length ? !hits.has(item) && !this.isAbove(item, hits) : closed < item.level;
      item.element.classList.toggle("beside", words.length > 0 && !hits.has(item));
      if (item.element.ariaExpanded === "false" && closed === Infinity) closed = item.level;
    }
    this.tree.classList.toggle("narrowed", words.length > 0);
    document.getElementById("no-code").hidden = !this.items.length || hits.size > 0;
    if (words.length) this.activate(best([...hits], words.join(" "))?.code ?? null);
    else if (!this.byCode.get(this.active) || this.byCode.get(this.active).element.hidden) this.activate(this.visible[0]?.code ?? null);
    else this.activate(this.active);
  }

  isAbove(item, hits) {
    const behind = this.items.findIndex(({ i, level }) => i > item.i && level <= item.level);
    return this.items.slice(item.i + 1, behind < 0 ? undefined : behind).some((below) => hits.has(below));
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
    const shown = this.visible.filter(({ element }) => !element.classList.contains("beside"));
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

/** Of the codes found, the one whose name begins with what was typed, else has a word that does, else the first. */
function best(items, typed) {
  const begins = items.find(({ name }) => plain(name).startsWith(typed));
  return begins ?? items.find(({ name }) => plain(name).includes(` ${typed}`)) ?? items[0];
}

function readList(key) {
  const kept = JSON.parse(localStorage.getItem(key) ?? "[]");
  return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
}
