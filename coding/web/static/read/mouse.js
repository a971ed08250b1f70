// Selecting and pointing with the mouse, a pen or a finger.

const placeAt = (x, y) => {
  if (document.caretPositionFromPoint) {
    const found = document.caretPositionFromPoint(x, y);
    return found && [found.offsetNode, found.offset];
  }
  const range = document.caretRangeFromPoint?.(x, y);
  return range && [range.startContainer, range.startOffset];
};

/** Let pointers select in the text. `under`: called with the place under the pointer, null outside the text. */
export function mouse(text, { selecting, openAt, under, isChanging }) {
  const { article } = text;
  let down = null;
  let touched = false;

  article.addEventListener("pointerdown", (event) => {
    touched = event.pointerType !== "mouse";
    if (touched || event.button !== 0) return;
    down = { x: event.clientX, y: event.clientY };
    article.classList.remove("held");
    if (!event.shiftKey) getSelection().removeAllRanges(); // else a press on selected words would drag them
  });
  document.addEventListener("mouseup", (event) => {
    if (!down || event.button !== 0) return;
    const moved = Math.hypot(event.clientX - down.x, event.clientY - down.y) > 3;
    down = null;
    if (!take(event.altKey) && !moved && !event.shiftKey) click(event);
  });
  article.addEventListener("click", (event) => { if (touched) click(event); });
  document.addEventListener("selectionchange", () => { if (touched) take(false); });

  /** Take up what the browser has selected; say whether there was something. */
  function take(exact) {
    const chosen = getSelection();
    if (!chosen.rangeCount || chosen.isCollapsed) return false;
    const span = spanOf(chosen.getRangeAt(0));
    if (!span) return false;
    const taken = exact ? span : selecting.snapped(span.start, span.end);
    if (!taken || !text.words(taken.start, taken.end).trim()) return false;
    const range = text.range(taken.start, taken.end);
    if (!touched) chosen.setBaseAndExtent(range.startContainer, range.startOffset, range.endContainer, range.endOffset);
    article.classList.add("held");
    selecting.set(taken, { by: "mouse", level: "sentence" });
    return true;
  }

  function spanOf(range) {
    const whole = document.createRange();
    whole.selectNodeContents(article);
    const compared = (how) => range.compareBoundaryPoints(how, whole);
    if (compared(Range.END_TO_START) >= 0 || compared(Range.START_TO_END) <= 0) return null;
    const start = compared(Range.START_TO_START) >= 0 ? text.offset(range.startContainer, range.startOffset) : 0;
    const end = compared(Range.END_TO_END) <= 0 ? text.offset(range.endContainer, range.endOffset) : text.length;
    return start < end ? { start, end } : null;
  }

  function click(event) {
    const offset = offsetAt(event.clientX, event.clientY);
    if (offset === null || isChanging()) return;
    selecting.clear();
    selecting.cursor = offset;
    openAt(offset, offset + 1);
  }

  function offsetAt(x, y) {
    const place = placeAt(x, y);
    return place && article.contains(place[0]) ? text.offset(...place) : null;
  }

  let asked = null;
  article.addEventListener("pointermove", (event) => {
    if (event.pointerType !== "mouse" || event.buttons) return;
    if (!asked) requestAnimationFrame(() => { const { x, y } = asked; asked = null; under(offsetAt(x, y)); });
    asked = { x: event.clientX, y: event.clientY };
  }, { passive: true });
  article.addEventListener("pointerleave", () => under(null));
}
