// The line at the foot of the page, and whose coding is shown: what stands, what waits, what was filed.

import { coder, place, say as sayAbove, unsay, waiting } from "/static/app.js";
import { make } from "/static/read/memos.js";

const HIDDEN_AT = `coding-hidden:${place}`;
const count = (n, one) => `${n.toLocaleString("en")} ${one}${n === 1 ? "" : "s"}`;
const part = (id) => document.getElementById(id);

export class State {
  /** `hidden`: called when other coders are to be shown. */
  constructor({ standing, text, say, hidden }) {
    Object.assign(this, { standing, text, say, hidden });
    this.away = new Set(JSON.parse(localStorage.getItem(HIDDEN_AT) ?? "[]"));
    this.told = {};
    document.addEventListener("coding:saved", () => this.showCounts());
    standing.addEventListener("fetched", () => { if (!waiting().length) unsay("unreachable"); });
  }

  /** Whether a segment is to be shown. */
  shows(segment) {
    return !this.away.has(segment.coder);
  }

  show() {
    this.showCounts();
    this.showReading();
    this.showCoders();
    part("undo").disabled = this.standing.toUndo === null;
    part("redo").disabled = this.standing.toRedo === null;
  }

  showCounts() {
    const { standing } = this;
    const own = standing.sorted.filter(({ mine }) => mine).length;
    const others = standing.sorted.length - own;
    const memos = [...standing.memos.values()].filter(({ mine, about }) => mine && about !== "code").length;
    const said = [count(own, "segment") + (others ? " of yours" : "")];
    if (others) said.push(`${others.toLocaleString("en")} of others`);
    said.push(count(memos, "memo"), this.saved());
    part("counts").textContent = standing.known ? said.join(" · ") : this.saved() || "Asking what is coded …";
    part("state").classList.toggle("waits", waiting().length > 0);
  }

  saved() {
    const n = waiting().length;
    if (n) return n === 1 ? "1 act waiting" : `${n} acts waiting`;
    const { savedAt } = this.standing;
    if (!savedAt) return this.standing.known ? "all saved" : "";
    return `saved ${savedAt.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })}`;
  }

  // ---- the reading

  showReading() {
    const { known, filing, base } = this.standing;
    const open = filing ? "filing" : base.covered ? "covered" : "looked";
    const stage = known ? (base.read ? `read ${base.read_blind}` : open) : "unknown";
    if (stage === this.told.stage) return;
    const before = this.told.stage;
    this.told.stage = stage;
    const root = part("reading");
    const held = root.contains(document.activeElement);
    root.replaceChildren(...this.reading(stage));
    if (held) root.querySelector("button, a, summary")?.focus();
    if (before === "unknown" || before === undefined) return;
    const others = this.standing.sorted.filter(({ mine }) => !mine).length;
    if (stage.startsWith("read")) this.say(`Reading filed, ${base.read_blind ? "blind" : "not blind"}. Others’ coding shows: ${count(others, "segment")}.`);
    if (stage === "looked") this.say(`Others’ coding shows: ${count(others, "segment")}.`);
    if (stage === "covered") this.say("Others’ coding is covered.");
  }

  reading(stage) {
    const file = () => make("button", { type: "button", className: "main", text: "I have read this", onclick: () => this.file() });
    const { blind } = this.standing.base;
    return {
      unknown: () => [],
      filing: () => [make("p", { className: "quiet", text: "The reading waits for the server." })],
      covered: () => [this.covered(blind), file()],
      looked: () => [
        make("p", { className: "quiet", text: "Others’ coding was seen: the reading will be recorded as not blind." }),
        file(),
      ],
      "read true": () => [make("p", { text: "read, blind" }), make("a", { href: "/read", text: "Read on" })],
      "read false": () => [make("p", { text: "read, not blind" }), make("a", { href: "/read", text: "Read on" })],
    }[stage]();
  }

  /** The quieter way: to look first. */
  covered(blind) {
    const details = make("details", { onkeydown: (event) => {
      if (event.key !== "Escape" || !details.open) return;
      event.preventDefault();
      details.open = false;
      details.firstChild.focus();
    } });
    const said = "A reading filed afterwards is recorded as not blind.";
    details.append(make("summary", { text: "Show what others coded" }), make("div", { className: "look" },
      make("p", { text: blind ? `${said} You are to read this document, or to judge parts of it, blind: once you have looked, these cannot be judged.` : said }),
      make("button", { type: "button", text: "Show it now", onclick: () => this.look() })));
    return details;
  }

  file() {
    this.standing.do("/api/readings", { document: this.text.document, digest: this.text.digest });
  }

  look() {
    this.standing.do("/api/looks", { document: this.text.document });
  }

  // ---- whose coding is shown

  showCoders() {
    const kinds = new Map(this.standing.sorted.map((segment) => [segment.coder, segment.kind]));
    const root = part("coders");
    const names = [...new Set([coder, ...[...kinds.keys()].sort()])];
    const told = JSON.stringify([names, this.standing.base.covered]);
    if (told === this.told.coders) return;
    this.told.coders = told;
    root.hidden = names.length < 2;
    root.replaceChildren(make("legend", { text: "Shown" }), ...names.map((name) => this.choice(name)));
  }

  choice(name) {
    const box = make("input", { type: "checkbox", value: name });
    box.checked = !this.away.has(name);
    box.addEventListener("change", () => {
      if (box.checked) this.away.delete(name); else this.away.add(name);
      localStorage.setItem(HIDDEN_AT, JSON.stringify([...this.away]));
      this.hidden();
    });
    const line = make("span", { className: name === coder ? "line own" : "line other", "aria-hidden": "true" });
    return make("label", {}, box, line, name === coder ? `${name} (you)` : name);
  }

  // ---- when something is wrong

  stale() {
    const changed = "The text of this document has changed since the page was loaded. Load it again before you code on.";
    sayAbove("stale", changed, true);
  }

  unknown({ error, first }) {
    const away = "The server does not answer. You can read on; what you do is kept in this browser and sent when it is back.";
    if (first && error.status === 0) sayAbove("unreachable", away, true);
    else if (error.status !== 0) sayAbove("unknown", error.message, true);
  }
}
