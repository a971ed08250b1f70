// What is at hand: the definition of a code, and the note that opens beside a coded segment.

import { make, Memos } from "/static/read/memos.js";

const RULINGS = { accept: "Accepted in review.", reject: "Rejected in review.", recode: "Recoded in review." };

/** The definition of a code with its notes, examples and memos. */
export class Definition {
  constructor(root, { palette, standing, write, onNumber }) {
    Object.assign(this, { root, palette, standing, write, onNumber });
    this.code = null;
    this.whole = false;
  }

  /** Show a code: its definition, and all of it if `whole`. */
  show(code, { whole = this.whole } = {}) {
    const said = this.palette.codes.get(code);
    if (!said || (code === this.code && whole === this.whole && !this.root.hidden)) return;
    Object.assign(this, { code, whole, memos: null });
    this.root.className = `at-hand code-${this.palette.colourOf(code)}`;
    this.root.replaceChildren(
      make("h2", {}, make("span", { className: "swatch", "aria-hidden": "true" }), said.name),
      ...(said.path ? [make("p", { className: "quiet", text: said.path })] : []),
      make("p", { text: said.definition || "It has no definition yet." }),
      ...(whole ? this.rest(said) : []),
      make("p", {},
        make("button", {
          type: "button", className: "plain", text: whole ? "Less" : "Include, exclude, examples", "aria-keyshortcuts": "d",
          onclick: () => this.toggle(),
        }),
        ...(whole ? [" ", make("a", { href: `/codebook/${encodeURIComponent(code)}`, text: "In the codebook" })] : [])),
    );
    this.root.hidden = false;
    this.root.scrollTop = 0;
  }

  rest(said) {
    const part = (name, text) => (text ? [make("dt", { text: name }), make("dd", { text })] : []);
    const notes = make("div");
    this.memos = new Memos(notes, {
      about: "code", subject: said.id, what: said.name, standing: this.standing, write: this.write("code", said.id), onDone: () => {},
    });
    const examples = said.examples.map((text) => make("dd", { className: "text", text: `“${text}”` }));
    if (examples.length) examples.unshift(make("dt", { text: "Examples" }));
    const memo = { type: "button", className: "plain", text: "Memo on this code", onclick: () => this.memos.edit() };
    return [
      make("dl", {}, ...part("Include", said.include), ...part("Exclude", said.exclude), ...examples),
      notes,
      make("p", {}, make("button", memo)),
      make("p", {}, this.numbers(said.id)),
    ];
  }

  /** The number to type for a code, to be chosen. */
  numbers(code) {
    const choice = make("select", { onchange: () => this.onNumber(code, Number(choice.value) || null) },
      ...["none", ..."123456789"].map((text) => make("option", { text, value: text })));
    choice.value = String(this.palette.numbers.of(code) ?? "none");
    this.choice = choice;
    return make("label", {}, "Number ", choice);
  }

  toggle() {
    this.show(this.code, { whole: !this.whole });
  }

  /** `d`: the whole definition of a code; closed again if it is open. */
  press(code) {
    if (!this.root.hidden && this.whole && this.code === code) this.close();
    else this.show(code, { whole: true });
    return !this.root.hidden;
  }

  close() {
    this.root.hidden = true;
    this.whole = false;
  }

  refresh() {
    this.memos?.show();
    if (this.choice) this.choice.value = String(this.palette.numbers.of(this.code) ?? "none");
  }
}

/** The note that opens beside a segment: whose it is, why, its memos, and what can be done with it. */
export class SegmentNote {
  constructor(segment, { standing, write, actions }) {
    this.standing = standing;
    this.id = segment.id;
    this.about = make("p", { className: "about" });
    const notes = make("div");
    this.root = make("div", { className: "open" }, this.about, notes);
    this.memos = new Memos(notes, {
      about: "segment", subject: segment.id, what: "this segment", standing, write: write("segment", segment.id), onDone: actions.back,
    });
    const button = (text, key, onclick) => make("button", { type: "button", text, "aria-keyshortcuts": key, onclick });
    this.root.append(make("p", { className: "acts" },
      button("Memo", "m", () => this.memos.edit()),
      ...(segment.mine
        ? [button("Recode", "c", actions.recode), button("Adjust", "e", actions.adjust), button("Take back", "Delete", actions.takeBack)]
        : [make("a", { href: "/review", text: "Review" })])));
    this.show(segment);
  }

  show(segment) {
    const whose = segment.mine ? `Coded by you` : `Coded by ${segment.coder}`;
    const said = [whose, segment.because && `because of ${segment.because}`].filter(Boolean).join(", ");
    this.about.textContent = [`${said}.`, segment.pending && "It waits for the server.", RULINGS[segment.ruling]].filter(Boolean).join(" ");
    this.memos.show();
  }
}
