// What stands in the document: what the server said last, and every act since, whether it has been answered or waits.
//
// An act shows at once. What it does is worked out here from what is sent, the ids of its rows too, which follow
// from its batch as they do in the API. After an undo the server is asked again, for only it knows what was undone.

import { act, ask, coder, newId, waiting } from "/static/app.js";
import { firstOf } from "/static/read/offsets.js";

const PLACED = /^\/api\/(segments|take-back|memos|readings|looks|undo|redo)$/;

/** The id of a row of a batch: a UUID of version 5, as the API gives it. */
export async function idOf(batch, what) {
  const space = Uint8Array.from(batch.replaceAll("-", "").match(/../g), (pair) => parseInt(pair, 16));
  const named = new Uint8Array([...space, ...new TextEncoder().encode(what)]);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-1", named)).slice(0, 16);
  digest[6] = (digest[6] & 0x0f) | 0x50;
  digest[8] = (digest[8] & 0x3f) | 0x80;
  const hex = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

export class Standing extends EventTarget {
  /** `text`: the text of the page. */
  constructor(text) {
    super();
    this.text = text;
    this.base = { segments: [], memos: [], covered: true, read: false, undo: null, redo: null };
    this.acts = [];
    this.savedAt = null;
    this.known = false;
    document.addEventListener("coding:answered", (event) => this.answered(event.detail));
    document.addEventListener("coding:saved", () => this.refetchIfSentElsewhere());
    document.addEventListener("visibilitychange", () => { if (!document.hidden && this.known) this.fetch(); });
    this.foldAll();
  }

  /** Take up what the server says, and what waits in the outbox from before. */
  async start() {
    await Promise.all(waiting().filter(({ path }) => PLACED.test(path)).map(({ path, body }) => this.take(path, body)));
    await this.fetch();
  }

  /** Do something: it shows at once and is sent. Resolves, before it is answered, with the ids of its coded segments. */
  async do(path, body) {
    const whole = { batch: newId(), ...body };
    act(path, whole).catch(() => {}); // a refusal is said above the page and comes back as an event
    const taken = await this.take(path, whole);
    return taken.ids;
  }

  async take(path, body) {
    const taken = { path, body, batch: body.batch, kept: false, undone: false, ready: false, ids: [], memo: null };
    this.acts.push(taken);
    if (path === "/api/segments") {
      taken.ids = await Promise.all([...new Set(body.codes)].map((_, i) => idOf(body.batch, String(i))));
    }
    if (path === "/api/segments" || path === "/api/memos") taken.memo = await idOf(body.batch, "memo");
    taken.ready = true;
    this.foldAll();
    return taken;
  }

  /** An act of this page, or of another page of the same browser, was answered. */
  async answered({ batch, path, value, error }) {
    const taken = this.acts.find((one) => one.batch === batch);
    if (error) {
      this.acts = this.acts.filter((one) => one !== taken);
      this.foldAll();
      if (taken && this.known) await this.fetch();
      return;
    }
    this.savedAt = new Date();
    if (value && "undo" in value) { this.base.undo = value.undo; this.base.redo = value.redo; }
    if (taken) taken.kept = true;
    this.foldAll();
    if (!taken || /undo|redo|readings|looks/.test(path)) await this.fetch();
  }

  /** Ask the server what stands. Acts that it had not answered before are kept on top of what it says. */
  async fetch() {
    const before = new Set(this.acts.filter((one) => one.kept));
    const number = (this.asked = (this.asked ?? 0) + 1);
    let found;
    try {
      found = await ask(`/api/document?id=${encodeURIComponent(this.text.document)}`);
    } catch (error) {
      this.dispatchEvent(new CustomEvent("unknown", { detail: { error, first: !this.known } }));
      return;
    }
    if (number !== this.asked) return;
    if (found.digest !== this.text.digest) this.dispatchEvent(new Event("stale"));
    this.base = found;
    this.known = true;
    this.acts = this.acts.filter((one) => !before.has(one));
    this.foldAll();
    this.dispatchEvent(new Event("fetched"));
  }

  refetchIfSentElsewhere() {
    const waits = new Set(waiting().map((one) => one.body.batch));
    const sent = this.acts.filter((one) => !one.kept && !waits.has(one.batch));
    if (!sent.length) return;
    for (const one of sent) one.kept = true;
    this.fetch();
  }

  /** Work out what stands: the server's word, then each act that was not undone. */
  foldAll() {
    this.markUndone();
    this.segments = new Map(this.base.segments.map((segment) => [segment.id, segment]));
    this.memos = new Map(this.base.memos.map((memo) => [memo.id, memo]));
    this.filing = false;
    for (const one of this.acts) if (one.ready && !one.undone) this.fold(one);
    const inOrder = (a, b) => a.start - b.start || b.end - a.end || (a.code < b.code ? -1 : 1);
    this.sorted = [...this.segments.values()].sort(inOrder);
    let furthest = 0;
    this.furthest = this.sorted.map((segment) => (furthest = Math.max(furthest, segment.end)));
    this.notes = Map.groupBy([...this.memos.values()], (memo) => `${memo.about} ${memo.subject}`);
    this.dispatchEvent(new Event("changed"));
  }

  markUndone() {
    const done = [];
    const undone = [];
    let before = false; // whether an undo or redo of this page went back before its own acts
    for (const one of this.acts) {
      one.undone = false;
      if (one.path === "/api/undo") { const last = done.pop(); if (last) { last.undone = true; undone.push(last); } else before = true; }
      else if (one.path === "/api/redo") { const last = undone.pop(); if (last) { last.undone = false; done.push(last); } else before = true; }
      else if (one.path !== "/api/looks") { done.push(one); undone.length = 0; }
    }
    const own = (one) => ({ batch: one.batch, act: "", document: this.text.document });
    this.toUndo = done.length ? own(done.at(-1)) : before ? undefined : this.base.undo;
    this.toRedo = undone.length ? own(undone.at(-1)) : before ? undefined : done.length ? null : this.base.redo;
  }

  /** Resolves when it is known what an undo (`toUndo`) or redo (`toRedo`) would be of. */
  told(which) {
    return new Promise((resolve) => {
      const look = () => {
        if (this[which] === undefined) return;
        this.removeEventListener("changed", look);
        resolve();
      };
      this.addEventListener("changed", look);
      look();
    });
  }

  fold({ path, body, kept, ids, memo }) {
    const pending = !kept;
    const here = body.document === this.text.document;
    for (const id of [body.replaces ?? [], body.ids ?? []].flat()) { this.segments.delete(id); this.memos.delete(id); }
    if (path === "/api/segments" && here) {
      const alike = { start: body.start, end: body.end, coder, kind: "person", mine: true, because: "", ruling: null, pending };
      for (const [i, code] of [...new Set(body.codes)].entries()) this.segments.set(ids[i], { id: ids[i], code, ...alike });
      if (body.memo?.trim()) this.note(memo, { about: "segment", subject: ids[0], text: body.memo, pending });
    }
    if (path === "/api/memos" && body.text.trim() && this.isHere(body)) {
      this.note(memo, { about: body.about, subject: body.subject, text: body.text, pending });
    }
    if (path === "/api/readings" && here && pending) this.filing = true;
  }

  note(id, said) {
    this.memos.set(id, { id, coder, mine: true, at: "", ...said });
  }

  isHere({ about, subject }) {
    return about === "code" || (about === "document" ? subject === this.text.document : this.segments.has(subject));
  }

  /** The memos on something, one's own first. */
  memosOn(about, subject) {
    return (this.notes.get(`${about} ${subject}`) ?? []).toSorted((a, b) => Number(b.mine) - Number(a.mine));
  }

  /** The coded segments that share words with a span, in the order of the text. */
  over(start, end) {
    const found = [];
    const first = firstOf(this.sorted.length, (i) => this.furthest[i] > start);
    for (let i = first; i < this.sorted.length && this.sorted[i].start < end; i++) {
      if (this.sorted[i].end > start) found.push(this.sorted[i]);
    }
    return found;
  }

  /** How many acts wait for the server. */
  get nWaiting() {
    return waiting().length;
  }
}
