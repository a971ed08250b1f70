// The strip at the selection: the codes that have a number, and what can be done besides. For a selection by mouse it
// stands under the words, for one by keys at the foot of the window, where it covers nothing that is read next.

import { make } from "/static/read/memos.js";

export class Strip {
  constructor(root, { text, palette, onGive, onFind }) {
    Object.assign(this, { root, text, palette, onGive, onFind });
    this.told = "";
  }

  /** Offer codes for a span. */
  offer(span, { by }) {
    const { keyed } = this.palette;
    this.root.classList.toggle("many", keyed.length > 4);
    this.fill(`offer ${keyed.join()}`, () => [
      ...keyed.map(([number, code]) => this.code(code, String(number))),
      this.button("another", "/", keyed.length ? "Another code" : "Find a code", this.onFind),
    ]);
    this.place(span, by);
  }

  code(code, key) {
    return this.button(`give code-${this.palette.colourOf(code)}`, key, this.palette.nameOf(code), () => this.onGive(code));
  }

  button(className, key, words, onclick) {
    const given = { type: "button", className, "aria-keyshortcuts": key, title: `${key}: ${words}`, onclick };
    return make("button", given, make("kbd", { text: key }), make("span", { text: words }));
  }

  /** Say what is being done to a segment, and how to end it. */
  ask(words, span, { by, keep = null, leave }) {
    this.root.classList.remove("many");
    this.fill(`ask ${words} ${Boolean(keep)}`, () => [
      make("span", { className: "asks", text: words }),
      keep && make("button", { type: "button", className: "main", text: "Keep", "aria-keyshortcuts": "Enter", onclick: keep }),
      make("button", { type: "button", text: "Leave it", "aria-keyshortcuts": "Escape", onclick: leave }),
    ].filter(Boolean));
    this.place(span, by);
  }

  fill(told, made) {
    if (told !== this.told) this.root.replaceChildren(...made());
    this.told = told;
  }

  place(span, by) {
    this.root.hidden = false;
    const under = by === "mouse" && matchMedia("(min-width: 900px)").matches;
    this.root.classList.toggle("docked", !under);
    this.root.style.transform = "";
    if (!under || !span) return;
    const words = this.text.range(span.start, span.end)?.getClientRects();
    if (!words?.length) return;
    const column = this.root.offsetParent.getBoundingClientRect();
    const last = words[words.length - 1];
    const { width, height } = this.root.getBoundingClientRect();
    const below = last.bottom + height + 60 < innerHeight || words[0].top < height + 120;
    const x = Math.max(0, Math.min(last.right - column.left - width / 2, column.width - width));
    const y = below ? last.bottom - column.top + 6 : words[0].top - column.top - height - 6;
    this.root.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  }

  /** Stay away, whatever is asked, while the mouse is down in the text. */
  hold(held) {
    this.root.classList.toggle("held", held);
  }

  hide() {
    this.root.hidden = true;
  }
}
