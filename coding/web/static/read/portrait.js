// The portrait: the whole document as a strip, a row for each category, a tick for each coded segment. Where the
// window stands is shaded; a click or the arrow keys go elsewhere.

const ROWS = 7;

export class Portrait {
  /** `onGo`: called with the place in the text to go to. */
  constructor(root, text, { onGo, colourOf }) {
    Object.assign(this, { root, text, colourOf, segments: [] });
    this.canvas = root.querySelector("canvas");
    this.seen = root.querySelector(".seen");
    root.addEventListener("click", (event) => {
      const { left, width } = root.getBoundingClientRect();
      onGo(Math.round(((event.clientX - left) / width) * text.length));
    });
    root.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 2, ArrowUp: 2, ArrowLeft: -2, ArrowDown: -2, PageDown: 10, PageUp: -10 }[event.key];
      const now = Number(root.getAttribute("aria-valuenow"));
      const to = event.key === "Home" ? 0 : event.key === "End" ? 100 : step ? now + step : null;
      if (to === null) return;
      event.preventDefault();
      event.stopPropagation();
      onGo(Math.round((Math.max(0, Math.min(100, to)) / 100) * text.length));
    });
    new ResizeObserver(() => this.draw()).observe(root);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  show(segments) {
    this.segments = segments;
    this.draw();
  }

  draw() {
    const { width, height } = this.root.getBoundingClientRect();
    if (!width || !height) return;
    const sharp = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(width * sharp);
    this.canvas.height = Math.round(height * sharp);
    const context = this.canvas.getContext("2d");
    context.scale(sharp, sharp);
    const style = getComputedStyle(this.root);
    const colours = Array.from({ length: ROWS }, (_, i) => style.getPropertyValue(`--code-${i}`).trim());
    const row = height / ROWS;
    for (const { start, end, code, mine } of this.segments) {
      const at = this.colourOf(code);
      context.fillStyle = colours[at];
      context.globalAlpha = mine ? 1 : 0.5;
      const x = (start / this.text.length) * width;
      context.fillRect(x, at * row + 0.5, Math.max(1.5, ((end - start) / this.text.length) * width), row - 1);
    }
  }

  /** Shade the part that is in the window. */
  shade(start, end, words) {
    const percent = (offset) => `${(100 * offset) / Math.max(1, this.text.length)}%`;
    this.seen.hidden = end - start > 0.97 * this.text.length;
    this.seen.style.left = percent(start);
    this.seen.style.width = percent(Math.max(end - start, this.text.length / 200));
    this.root.setAttribute("aria-valuenow", String(Math.round((100 * start) / Math.max(1, this.text.length))));
    this.root.setAttribute("aria-valuetext", words);
  }
}
