// Going to places in the text, and coming back to where one was.

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

export class Places {
  constructor(text, key) {
    Object.assign(this, { text, key });
    history.scrollRestoration = "manual";
    addEventListener("pagehide", () => this.keep());
  }

  /** Where the text that can be read begins and ends in the window. */
  get view() {
    const head = document.querySelector(".head");
    const above = getComputedStyle(head).position === "sticky" ? head : document.querySelector(".bar");
    const ends = [...document.querySelectorAll("#state, #codes.risen")].map((below) => below.getBoundingClientRect().top);
    return { top: Math.max(0, above.getBoundingClientRect().bottom), bottom: Math.min(innerHeight, ...ends) };
  }

  /** The span of the text that can be seen, roughly: a piece is taken to be evenly filled. */
  seen(near) {
    const { top, bottom } = this.view;
    let start = null;
    let end = null;
    for (const piece of near) {
      const box = piece.element.getBoundingClientRect();
      if (box.bottom <= top || box.top >= bottom) continue;
      const share = (y) => Math.max(0, Math.min(1, (y - box.top) / Math.max(1, box.height)));
      const at = (y) => piece.start + Math.round((piece.end - piece.start) * share(y));
      start ??= at(top);
      end = at(bottom);
    }
    return start === null ? { start: near[0].start, end: near[0].start } : { start, end };
  }

  /** Scroll until a span can be seen. */
  bring(span) {
    return this.settle(() => {
      const box = this.text.range(span.start, span.end)?.getBoundingClientRect();
      if (!box) return 0;
      const { top, bottom } = this.view;
      const fits = box.top >= top + 8 && Math.min(box.bottom, box.top + (bottom - top) / 2) <= bottom - 8;
      return fits ? 0 : box.top - top - (bottom - top) / 4;
    });
  }

  /** Scroll by what is off, until nothing is: what is laid out on the way moves everything, two frames later. */
  async settle(off) {
    for (let tries = 0, still = 0; tries < 12 && still < 3; tries++) {
      const by = off();
      still = Math.abs(by) < 1 ? still + 1 : 0;
      if (!still) scrollBy({ top: by, behavior: "instant" });
      await frame();
    }
  }

  /** The first piece that can be read, and how far it stands below the top; null if none can. */
  here() {
    const { top } = this.view;
    const piece = this.text.near().find(({ element }) => element.getBoundingClientRect().bottom > top);
    return piece ? [piece.start, Math.round(piece.element.getBoundingClientRect().top - top)] : null;
  }

  keep() {
    const here = this.here();
    if (here) localStorage.setItem(this.key, JSON.stringify(here));
  }

  /** Go back to where one was. */
  async back(kept = JSON.parse(localStorage.getItem(this.key) ?? "null")) {
    if (!Array.isArray(kept) || (kept[0] === 0 && kept[1] >= 0)) return null;
    const piece = this.text.at(kept[0]);
    return this.settle(() => piece.element.getBoundingClientRect().top - this.view.top - kept[1]);
  }
}
