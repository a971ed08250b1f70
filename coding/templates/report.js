// Comfort only: without this script every link, number and passage works as well.
"use strict";
(() => {
  const box = document.getElementById("filter");

  const reveal = () => {
    const target = document.querySelector(":target");
    if (!target) return;
    if (target.closest("#passages [hidden]")) {
      box.value = "";
      filter();
    }
    for (let outer = target; outer; outer = outer.parentElement) {
      if (outer.matches("details")) outer.open = true;
    }
    const block = target.matches(".opened") ? target.closest("details") : target;
    const above = block.previousElementSibling;
    (block !== target && above?.matches("h3") ? above : block).scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  // A second click on the same link changes no address, so nothing else would open its passage again.
  document.addEventListener("click", (event) => {
    if (event.target.closest('a[href^="#"]')) setTimeout(reveal);
  });

  for (const comfort of document.querySelectorAll(".comfort")) comfort.hidden = false;

  const button = document.getElementById("open-codes");
  button.addEventListener("click", () => {
    const open = button.getAttribute("aria-pressed") !== "true";
    for (const opener of document.querySelectorAll(".opener")) opener.open = open;
    button.setAttribute("aria-pressed", String(open));
    button.textContent = open ? "Show categories only" : "Show all codes";
  });

  // A frame that need not scroll is no stop for the keyboard, and a picture of full size grows no more.
  const frames = new ResizeObserver((entries) => {
    for (const frame of new Set(entries.map((entry) => entry.target.closest(".wide, .sheet")))) {
      const scrolls = frame.scrollWidth > frame.clientWidth;
      if (scrolls) frame.tabIndex = 0;
      else frame.removeAttribute("tabindex");
      if (scrolls) frame.setAttribute("aria-describedby", "sideways");
      else frame.removeAttribute("aria-describedby");
      const enlarge = frame.parentElement.querySelector(":scope > .enlarge");
      const picture = frame.querySelector("img");
      if (enlarge && picture.complete) {
        const full = Number(picture.getAttribute("width")) || picture.naturalWidth;
        enlarge.hidden = !enlarge.open && picture.clientWidth >= full;
      }
    }
  });
  for (const frame of document.querySelectorAll(".wide, .sheet")) {
    frames.observe(frame);
    frames.observe(frame.firstElementChild);
  }

  const passages = [...document.querySelectorAll("#passages .passage")];
  const cells = [...document.querySelectorAll("#passages .of-cell")];
  const groups = [...document.querySelectorAll("#passages :is(.of-category, .of-cell, .of-part, .of-document)")];
  const said = document.getElementById("filtered");
  let wasOpen;

  // Where the words stand in the passage itself, neighbours left out.
  const places = (passage, words) => {
    const walker = document.createTreeWalker(passage.querySelector("blockquote"), NodeFilter.SHOW_TEXT);
    const nodes = [];
    let text = "";
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (node.parentElement.closest(".near")) continue;
      nodes.push([node, text.length]);
      text += node.data;
    }
    const at = (offset) => {
      const [node, start] = nodes.findLast(([, start]) => start <= offset);
      return [node, offset - start];
    };
    return [...text.matchAll(words)].map((match) => {
      const range = document.createRange();
      range.setStart(...at(match.index));
      const [node, last] = at(match.index + match[0].length - 1);
      range.setEnd(node, last + 1);
      return range;
    });
  };

  const tally = (group, filtered) => {
    const inside = [...group.querySelectorAll(".passage")];
    const left = inside.filter((passage) => !passage.hidden).length;
    group.hidden = left === 0;
    const whole = group.querySelector(":scope > * > .base:not(.left)");
    if (!whole) return;
    const part = whole.nextElementSibling;
    whole.hidden = filtered;
    part.hidden = !filtered;
    part.textContent = `${left} of ${inside.length} passage${inside.length === 1 ? "" : "s"}`;
  };

  const filter = () => {
    const sought = box.value.trim();
    const filtered = sought !== "";
    const words = sought.split(/\s+/).map((word) => word.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")).join("\\s+");
    const found = [];
    for (const passage of passages) {
      const ranges = filtered ? places(passage, new RegExp(words, "giu")) : [];
      passage.hidden = filtered && ranges.length === 0;
      found.push(...ranges);
    }
    for (const group of groups) tally(group, filtered);
    if (filtered) wasOpen ??= cells.filter((cell) => cell.open);
    for (const cell of cells) cell.open = filtered ? !cell.hidden : (wasOpen?.includes(cell) ?? cell.open);
    if (!filtered) wasOpen = undefined;
    // Painted by the browser, so that no text of a document is ever written into the page again.
    if (CSS.highlights) CSS.highlights.set("sought", new Highlight(...found));
    const left = passages.filter((passage) => !passage.hidden).length;
    said.textContent = filtered ? `${left} of ${passages.length} passages, each in every cell where it counts` : "";
  };
  let waiting;
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 150);
  });

  reveal();
})();
