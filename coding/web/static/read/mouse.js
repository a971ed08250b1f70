// Selecting and pointing with the mouse, a pen or a finger.

const placeAt = (x, y) => {
  if (document.caretPositionFromPoint) {
    const found = document.caretPositionFromPoint(x, y);
    return found && [found.offsetNode, found.offset];
  }
  const range = document.caretRangeFromPoint?.(x, y);
  return range && [range.startContainer, range.startOffset];
};

/**
 * Let pointers select in the text. `under`: called with the place under the pointer, null outside the text; `onHold`:
 * with whether the mouse is down in the text; `view`: says where the text that can be read begins and ends.
 */
export function mouse(text, { selecting, openAt, under, onHold, view, isChanging }) {
  const { article } = text;
  let down = null;
  let touched = false;

  article.addEventListener("pointerdown", (event) => {
    touched = event.pointerType !== "mouse";
    if (touched || event.button !== 0) return;
    down = { x: event.clientX, y: event.clientY, offset: offsetAt(event.clientX, event.clientY), over: null };
    onHold(true);
    article.classList.remove("held");
    if (event.shiftKey) return;
    getSelection().removeAllRanges(); // else a press on selected words would drag them
    if (!isChanging()) selecting.clear();
  });
  document.addEventListener("pointermove", (event) => {
    const piece = down && pieceAt(event.clientX, event.clientY);
    if (piece) down.over = { piece, offset: offsetAt(event.clientX, event.clientY) };
  }, { passive: true });
  document.addEventListener("mouseup", (event) => {
    if (!down || event.button !== 0) return;
    const moved = Math.hypot(event.clientX - down.x, event.clientY - down.y) > 3;
    const span = moved && !pieceAt(event.clientX, event.clientY) ? clamped(event) : null;
    release();
    if (!take(event.altKey, span) && !moved && !event.shiftKey) click(event);
  });
  addEventListener("blur", release);

  function release() {
    down = null;
    onHold(false);
  }

  function pieceAt(x, y) {
    return text.byElement.get(document.elementFromPoint(x, y)?.closest("#text p")) ?? null;
  }

  /** The span of a drag that ends outside the words: to the line beside the pointer, in the piece it was over last. */
  function clamped({ clientX, clientY }) {
    const chosen = getSelection();
    const anchor = article.contains(chosen.anchorNode) ? text.offset(chosen.anchorNode, chosen.anchorOffset) : down.offset;
    const last = down.over ?? { piece: pieceAt(down.x, down.y), offset: down.offset };
    if (anchor === null || !last.piece) return null;
    const { top, bottom } = view();
    const box = article.getBoundingClientRect();
    const y = Math.max(top + 2, Math.min(clientY, bottom - 2));
    const x = Math.max(box.left + 1, Math.min(clientX, box.right - 1));
    const piece = y === clientY ? last.piece : pieceAt(x, y) ?? last.piece;
    const end = within(piece, x, y) ?? last.offset;
    return { start: Math.min(anchor, end), end: Math.max(anchor, end) };
  }

  /** The place in a piece that is nearest to a point beside, above or below it. */
  function within(piece, x, y) {
    const { top, bottom } = piece.element.getBoundingClientRect();
    if (y >= bottom) return piece.end;
    if (y <= top) return piece.start;
    const offset = offsetAt(x, y);
    return offset === null ? null : Math.max(piece.start, Math.min(offset, piece.end));
  }

  article.addEventListener("click", (event) => { if (touched) click(event); });
  document.addEventListener("selectionchange", () => { if (touched) take(false); });

  /** Take up what the browser has selected; say whether there was something. */
  function take(exact, given = null) {
    const chosen = getSelection();
    if (!given && (!chosen.rangeCount || chosen.isCollapsed)) return false;
    const span = given ?? spanOf(chosen.getRangeAt(0));
    if (!span || span.start === span.end) return false;
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
