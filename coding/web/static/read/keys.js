// The keys. Single letters and digits can be switched off, for those who speak to their machine.

import { isOpening } from "/static/read/memos.js";

const SINGLE_AT = "coding-single-keys";
const WRITES = "input:not([type=checkbox]), textarea, select, dialog";

/** Let keys do things. `acts`: for each name in the table below what it does. */
export function keys(acts) {
  const single = document.getElementById("single-keys");
  single.checked = localStorage.getItem(SINGLE_AT) !== "no";
  single.addEventListener("change", () => localStorage.setItem(SINGLE_AT, single.checked ? "yes" : "no"));
  document.addEventListener("keydown", (event) => {
    if (isOpening() && event.key.length === 1 && !event.ctrlKey && !event.metaKey) event.preventDefault();
    if (isOpening()) return;
    if (event.defaultPrevented || event.isComposing || event.target.closest(WRITES)) return;
    const doing = actOf(event, acts, single.checked);
    if (!doing) return;
    event.preventDefault();
    doing();
  });
}

function actOf(event, acts, singles) {
  const { key, shiftKey, altKey } = event;
  const command = event.ctrlKey || event.metaKey;
  if (command && !altKey && key.toLowerCase() === "z") return shiftKey ? acts.redo : acts.undo;
  if (command) return null;
  const inText = !event.target.closest("a, button, summary, [role=treeitem], [role=slider], .at-hand");
  const arrow = { ArrowDown: [1, false], ArrowRight: [1, true], ArrowUp: [-1, false], ArrowLeft: [-1, true] }[key];
  if (arrow && inText) return () => acts.arrow(...arrow, { shift: shiftKey, alt: altKey });
  const [, digit] = /^Digit([1-9])$/.exec(event.code) ?? [];
  if (altKey) return digit && singles ? () => acts.number(Number(digit)) : null;
  if (key === "Escape") return acts.leave;
  if (key === "Enter" && inText) return acts.enter;
  if (key === "Delete" || key === "Backspace") return acts.takeBack; // there are keyboards with only one of them
  if (!singles) return null;
  if (/^[1-9]$/.test(key)) return () => acts.give(Number(key));
  return {
    "[": acts.shrink, "]": acts.grow, "/": acts.find, m: acts.memo, u: acts.undo, U: acts.redo, n: acts.next, p: acts.previous,
    d: acts.define, e: acts.adjust, c: acts.recode, "?": acts.help,
  }[key] ?? null;
}
