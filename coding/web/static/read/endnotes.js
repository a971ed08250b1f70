// For paper: all coded segments as notes behind the text, and all of them underlined in it.

import { make } from "/static/read/memos.js";

const LONGEST = 240; // code points of a quote

/** Before the page is printed `paint` underlines everything; afterwards `restore` what is near. */
export function printing({ standing, text, shown, nameOf, colourOf, paint, restore }) {
  const root = document.getElementById("endnotes");
  const list = root.querySelector("ol");
  const write = () => {
    const segments = shown(0, text.length);
    paint(segments);
    list.replaceChildren(...segments.map((segment) => noteOn(segment, { standing, text, nameOf, colourOf })));
    root.hidden = !segments.length;
  };
  const clear = () => { list.replaceChildren(); root.hidden = true; restore(); };
  addEventListener("beforeprint", write);
  addEventListener("afterprint", clear);
  matchMedia("print").addEventListener("change", ({ matches }) => (matches ? write() : clear()));
}

function noteOn(segment, { standing, text, nameOf, colourOf }) {
  const words = text.words(segment.start, segment.end).replace(/\s+/g, " ");
  const quote = [...words].length > LONGEST ? `${[...words].slice(0, LONGEST).join("")}…` : words;
  return make("li", { className: `code-${colourOf(segment.code)}` },
    make("strong", { text: nameOf(segment.code) }), ` (${segment.coder}): `, make("q", { className: "text", text: quote }),
    ...standing.memosOn("segment", segment.id).map(({ coder, text: words }) => make("p", { text: `Memo, ${coder}: ${words}` })));
}
