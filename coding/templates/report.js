// Comfort only: without this script every link, number and passage works as well.
"use strict";
(() => {
  const reveal = () => {
    const target = document.querySelector(":target");
    if (!target) return;
    for (let outer = target; outer; outer = outer.parentElement) {
      if (outer.matches("details")) outer.open = true;
    }
    const block = target.closest("details") ?? target;
    (target.matches(".opened") ? block : target).scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  // A second click on the same link changes no address, so nothing else would open its passage again.
  document.addEventListener("click", (event) => {
    if (event.target.closest('a[href^="#"]')) setTimeout(reveal);
  });
  reveal();

  for (const comfort of document.querySelectorAll(".comfort")) comfort.hidden = false;

  const button = document.getElementById("open-codes");
  button.addEventListener("click", () => {
    const open = button.getAttribute("aria-pressed") !== "true";
    for (const opener of document.querySelectorAll(".opener")) opener.open = open;
    button.setAttribute("aria-pressed", String(open));
    button.textContent = open ? "Show categories only" : "Show all codes";
  });

  const box = document.getElementById("filter");
  const said = document.getElementById("filtered");
  const show = () => {
    const sought = box.value.trim().toLowerCase();
    let found = 0;
    for (const cell of document.querySelectorAll(".of-cell")) {
      let inCell = 0;
      for (const group of cell.querySelectorAll(".of-document")) {
        let inDocument = 0;
        for (const passage of group.querySelectorAll(".passage")) {
          passage.hidden = sought !== "" && !passage.textContent.toLowerCase().includes(sought);
          inDocument += passage.hidden ? 0 : 1;
        }
        group.hidden = inDocument === 0;
        inCell += inDocument;
      }
      cell.hidden = inCell === 0;
      cell.open = sought !== "" && inCell > 0;
      found += inCell;
    }
    said.textContent = sought === "" ? "" : `${found} in all cells`;
  };
  let waiting;
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 150);
  });
})();
