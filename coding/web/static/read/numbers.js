// The numbers to type: the first nine codes that are given get one each, and keep it until it is given to another.

import { place } from "/static/app.js";

const SLOTS = 9;
const SLOTS_AT = `coding-keys:${place}`;

export class Numbers {
  /** `isThere`: whether the codebook has a code; the number of one that it no longer has is free. */
  constructor(isThere) {
    this.isThere = isThere;
    const kept = JSON.parse(localStorage.getItem(SLOTS_AT) ?? "[]");
    this.slots = Array.from({ length: SLOTS }, (_, i) => (Array.isArray(kept) && typeof kept[i] === "string" ? kept[i] : null));
  }

  /** The numbers that are given, each with its code. */
  get given() {
    return this.slots.map((code, i) => [i + 1, code]).filter(([, code]) => code !== null && this.isThere(code));
  }

  of(code) {
    return this.slots.indexOf(code) + 1 || null;
  }

  /** Give a code the first free number, unless it has one or none is free. */
  take(code) {
    const free = this.slots.findIndex((one) => one === null || !this.isThere(one));
    if (this.of(code) || free < 0) return;
    this.slots[free] = code;
    this.keep();
  }

  /** Give a code this number, or none if it has it already or `number` is null; return the number it has then. */
  put(code, number) {
    const before = this.of(code);
    if (before) this.slots[before - 1] = null;
    const has = number !== before && number !== null;
    if (has) this.slots[number - 1] = code;
    this.keep();
    return has ? number : null;
  }

  keep() {
    localStorage.setItem(SLOTS_AT, JSON.stringify(this.slots));
  }
}
