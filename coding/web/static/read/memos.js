// Memos on a segment, a code or the document: shown, written, rewritten, taken back.

import { coder } from "/static/app.js";

const draftOf = (about, subject) => `coding-draft:${coder}:${about}:${subject}`;

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
    if (sessionStorage.getItem(draftOf(about, subject))) this.edit(undefined, { focus: false });
  }

  get isEmpty() {
    return !this.editor && !this.list.childElementCount;
  }

  /** Show what stands; what is being written stays. */
  show() {
    const memos = this.standing.memosOn(this.about, this.subject);
    const list = make("ul", {}, ...memos.map((memo) => this.item(memo)));
    if (this.list) this.list.replaceWith(list); else this.root.append(list);
    this.list = list;
    list.hidden = !memos.length;
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
    if (this.editor) { this.editor.area.focus(); return; }
    const area = make("textarea", { "aria-label": `Memo on ${this.what}`, rows: "3" });
    const key = draftOf(this.about, this.subject);
    area.value = sessionStorage.getItem(key) ?? memo?.text ?? "";
    area.addEventListener("input", () => sessionStorage.setItem(key, area.value));
    const form = make("form", { className: "editor" }, area, make("p", {},
      make("button", { className: "main", text: "Keep memo" }),
      make("button", { type: "button", text: "Leave it", onclick: () => this.close() }),
      memo && make("span", { className: "quiet", text: "Empty it to take it back." })));
    form.addEventListener("submit", (event) => { event.preventDefault(); this.keep(); });
    area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); this.keep(); }
      if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); this.close(); }
    });
    this.editor = { form, area, memo };
    this.root.append(form);
    this.show();
    if (focus) area.focus({ preventScroll: true });
  }

  keep() {
    const { area, memo } = this.editor;
    const text = area.value;
    if (!text.trim() && !memo) { this.close(); return; }
    this.close();
    if (text !== memo?.text) this.write(text, memo?.id ?? null);
  }

  close() {
    sessionStorage.removeItem(draftOf(this.about, this.subject));
    this.editor.form.remove();
    this.editor = null;
    this.show();
    this.onDone();
  }
}
