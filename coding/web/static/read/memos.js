// Memos on a segment, a code or the document: shown, written, rewritten, taken back.

import { place } from "/static/app.js";

const draftOf = (about, subject) => `coding-draft:${place}:${about}:${subject}`;

/** Let what was written on one subject go with what takes its place. */
export function moveDraft(about, from, to) {
  const words = localStorage.getItem(draftOf(about, from));
  if (words === null) return;
  localStorage.setItem(draftOf(about, to), words);
  localStorage.removeItem(draftOf(about, from));
}

const TRIES = 120; // frames until a box that is not yet laid out is given up
let opening = null; // the box that is to have the focus as soon as it is laid out

/** Whether a box is being opened: what is typed now is meant for it, and is no command. */
export const isOpening = () => opening !== null;

/** Give a box the focus and bring it into view, now or as soon as it is laid out. */
export function open(area, tries = TRIES) {
  area.focus({ preventScroll: true });
  const there = document.activeElement === area;
  opening = there || tries < 1 ? null : area;
  if (there) area.scrollIntoView({ block: "nearest" });
  else if (opening) requestAnimationFrame(() => { if (opening === area) open(area, tries - 1); });
}
document.addEventListener("pointerdown", () => { opening = null; });

/** Make an element; texts go in as text. */
export function make(tag, { text = null, ...given } = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) element.setAttribute(name === "className" ? "class" : name, value === true ? "" : value);
  }
  if (text !== null) element.textContent = text;
  element.append(...children.filter((child) => child !== null));
  return element;
}

export class Memos {
  /** Of one subject, in `root`. `write(text, replaces)` sends one; `what` names the subject. */
  constructor(root, { about, subject, what, standing, write, onDone }) {
    Object.assign(this, { root, about, subject, what, standing, write, onDone });
    this.editor = null;
    root.classList.add("memos");
    this.show();
    if (this.draft !== null) this.edit(undefined, { focus: false });
  }

  /** What was written and not kept; null where nothing was. */
  get draft() {
    return localStorage.getItem(draftOf(this.about, this.subject));
  }

  /** Keep what is written as a draft in this browser; what stands already is none. */
  set draft(words) {
    const key = draftOf(this.about, this.subject);
    if (words === null || words === (this.editor?.memo?.text ?? "")) localStorage.removeItem(key);
    else localStorage.setItem(key, words);
  }

  get isEmpty() {
    return !this.editor && !this.list.childElementCount;
  }

  /** Show what stands; what is being written stays. */
  show() {
    const memos = this.standing.memosOn(this.about, this.subject);
    if (this.editor?.isEarly && this.standing.known) Object.assign(this.editor, { isEarly: false, memo: memos.find(({ mine }) => mine) ?? null });
    const list = make("ul", {}, ...memos.map((memo) => this.item(memo)), this.draftItem());
    if (this.list) this.list.replaceWith(list); else this.root.append(list);
    this.list = list;
    list.hidden = !list.childElementCount;
  }

  /** Where the box was left: that there is a draft, and the way back to it. */
  draftItem() {
    if (this.editor || this.draft === null) return null;
    return make("li", { className: "memo" }, make("p", { className: "quiet", text: "A draft, not kept yet." }),
      make("button", { type: "button", className: "plain", text: "Go on writing", "aria-label": `Go on writing on ${this.what}`, onclick: () => this.edit() }));
  }

  item(memo) {
    const item = make("li", { className: memo.pending ? "memo pending" : "memo" }, make("p", { text: memo.text }));
    if (!memo.mine) item.append(make("p", { className: "quiet", text: memo.coder }));
    else if (this.editor?.memo?.id === memo.id) item.hidden = true;
    else {
      const label = `Edit the memo on ${this.what}`;
      item.append(make("button", { type: "button", className: "plain", text: "Edit", "aria-label": label, onclick: () => this.edit(memo) }));
    }
    return item;
  }

  /** Write a memo: one's own that is there, else a new one. */
  edit(memo = this.standing.memosOn(this.about, this.subject).find((one) => one.mine) ?? null, { focus = true } = {}) {
    if (this.editor) { open(this.editor.area); return; }
    const area = make("textarea", { "aria-label": `Memo on ${this.what}`, placeholder: `Memo on ${this.what}`, rows: "3" });
    const { draft } = this;
    area.value = draft ?? memo?.text ?? "";
    const said = make("span", { className: "quiet", text: draft === null ? "" : "A draft, not kept yet." });
    const clear = make("button", { type: "button", text: "Clear the draft", onclick: () => { this.draft = null; this.close(); } });
    clear.hidden = draft === null;
    area.addEventListener("input", () => { this.draft = area.value; clear.hidden = this.draft === null; });
    const form = make("form", { className: "editor" }, area, make("p", {},
      make("button", { className: "main", text: "Keep memo" }),
      make("button", { type: "button", text: "Leave it", "aria-keyshortcuts": "Escape", onclick: () => this.close() }),
      clear, said,
      memo && make("span", { className: "quiet", text: "Empty it to take it back." })));
    form.addEventListener("submit", (event) => { event.preventDefault(); this.keep(); });
    area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); this.keep(); }
      if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); this.close(); }
    });
    this.editor = { form, area, memo, isEarly: !memo && !this.standing.known };
    this.root.append(form);
    this.show();
    if (focus) open(area);
  }

  keep() {
    const { area, memo } = this.editor;
    const text = area.value;
    this.draft = null;
    this.close();
    if (!text.trim() && !memo) return;
    if (text !== memo?.text) this.write(text, memo?.id ?? null);
  }

  /** Close the box; what was changed in it stays as a draft until it is kept or cleared. */
  close() {
    this.editor.form.remove();
    this.editor = null;
    this.show();
    this.onDone();
  }
}
