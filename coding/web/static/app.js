// What every page does: send acts so that none is lost, and say how that goes.
//
// An act is put into an outbox in the browser's storage before it is sent, with an id of its own, and stays there
// until the server has answered. So neither a reload nor a server that stops loses one, and one that is
// sent twice is kept once.

const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";
export const coder = meta("coding-coder");
export const place = meta("coding-place"); // this coder in this project: what is kept here is for nobody and nothing else
const token = meta("coding-token");
const OUTBOX = `coding-outbox:${place}`;
const REFUSED = `coding-refused:${place}`;
const WAITS = [500, 1000, 2000, 5000];

export const newId = () => crypto.randomUUID?.() ?? "10000000-1000-4000-8000-100000000000".replace(/[018]/g,
  (c) => (+c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (+c / 4)))).toString(16));

/** Ask the API; the value, or an Error whose `status` is 0 when no server answered. */
export async function ask(path, body) {
  const headers = { "x-coding-token": token };
  let answer;
  try {
    answer = await fetch(path, body === undefined ? { headers } : {
      method: "POST", headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(body),
    });
  } catch {
    throw Object.assign(new Error("The server does not answer."), { status: 0, problems: [] });
  }
  const value = await answer.json().catch(() => ({}));
  if (answer.ok) return value;
  const said = value.error?.message ?? `The server answered ${answer.status}.`;
  if (answer.status === 401) sayWho(said);
  throw Object.assign(new Error(said), { status: answer.status, problems: value.error?.problems ?? [said] });
}

const sayWho = (said) => say("who", `${said} ${waiting().length ? `${acts(waiting().length)} kept in this browser.` : ""}`.trim(), true);
const acts = (n) => (n === 1 ? "One act is" : `${n} acts are`);

// ---- the outbox

const listed = (key) => JSON.parse(localStorage.getItem(key) ?? "[]");
export const waiting = () => listed(OUTBOX);
const keepWaiting = (them) => localStorage.setItem(OUTBOX, JSON.stringify(them));
const listeners = new Map(); // of acts of this page, by their batch: who waits for the answer
let sending = null;
let failures = 0;
let retry = null;

/** Keep an act and send it. Resolves with the server's answer; rejects when the server refuses it. */
export function act(path, body) {
  const sent = { path, body: { batch: newId(), ...body } };
  try {
    keepWaiting([...waiting(), sent]);
  } catch (error) {
    say("full", "This browser's storage is full: what you do now cannot be kept. Make room, or go on in another browser.", true);
    return Promise.reject(error);
  }
  return new Promise((resolve, reject) => {
    listeners.set(sent.body.batch, { resolve, reject });
    send();
  });
}

export function send() {
  clearTimeout(retry);
  sending ??= withLock(sendAll).finally(() => { sending = null; settle(); });
  return sending;
}

const withLock = (work) => navigator.locks ? navigator.locks.request(OUTBOX, work) : work();

/** Send what waits, one after the other. What the server cannot take now stays; what it refuses is set aside. */
async function sendAll() {
  for (let [first] = waiting(); first; [first] = waiting()) {
    const { path, body } = first;
    let detail = { batch: body.batch, path };
    try {
      detail.value = await ask(path, body);
    } catch (error) {
      if (error.status === 0 || error.status >= 500 || error.status === 429) return unreachable(error);
      if (error.status === 401 || error.status === 403) return sayWho(error.message);
      detail.error = error;
      refused(first, error);
    }
    keepWaiting(waiting().filter((one) => one.body.batch !== body.batch));
    failures = 0;
    unsay("unreachable");
    unsay("who");
    answer(detail);
  }
  document.dispatchEvent(new CustomEvent("coding:saved"));
}

function answer(detail) {
  const listener = listeners.get(detail.batch);
  listeners.delete(detail.batch);
  if (detail.error) listener?.reject(detail.error); else listener?.resolve(detail.value ?? {});
  document.dispatchEvent(new CustomEvent("coding:answered", { detail }));
}

/** Answer those who wait for an act that another tab has sent. */
function settle() {
  const waits = new Set(waiting().map((one) => one.body.batch));
  for (const [batch, listener] of [...listeners]) {
    if (waits.has(batch)) continue;
    listeners.delete(batch);
    listener.resolve({});
  }
  if (!waits.size) {
    failures = 0;
    unsay("unreachable");
    document.dispatchEvent(new CustomEvent("coding:saved"));
  } else if (!failures && !sending && !document.querySelector('#messages [data-key="who"]')) {
    send();
  }
}

function unreachable(error) {
  const why = error.status ? error.message : "The server does not answer.";
  say("unreachable", `${why} ${acts(waiting().length)} kept in this browser and sent when it can be.`, true);
  const wait = WAITS[Math.min(failures++, WAITS.length - 1)];
  retry = setTimeout(() => send(), wait);
}

/** Set aside what the server refuses, and say what it was: nothing that was written is thrown away. */
function refused(sent, error) {
  try {
    localStorage.setItem(REFUSED, JSON.stringify([...listed(REFUSED), { ...sent, said: error.message }].slice(-100)));
  } catch { /* storage is full: the message says what it was */ }
  const { text, quote, codes } = sent.body;
  const what = text?.trim() || (quote ? `${quote.length > 120 ? `${quote.slice(0, 120)} …` : quote}${codes ? ` (${codes.join(", ")})` : ""}` : "");
  say(`refused-${sent.body.batch}`, what ? `${error.message} Not kept: ${what}` : error.message, true);
}

// ---- saying things

/** Say something above the page; what is said under the same key replaces it. */
export function say(key, words, bad = false) {
  unsay(key);
  const p = document.createElement("p");
  p.className = bad ? "message bad" : "message";
  p.dataset.key = key;
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "Close";
  close.addEventListener("click", () => p.remove());
  p.append(words, " ", close);
  document.getElementById("messages").append(p);
}

export const unsay = (key) => document.querySelectorAll(`#messages [data-key="${CSS.escape(key)}"]`).forEach((p) => p.remove());

// ---- forms and buttons that act: <form data-act="/api/..."> sends its fields, <button data-post="/api/..."> its data-body

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-act]");
  if (!form) return;
  event.preventDefault();
  const body = Object.fromEntries(new FormData(form));
  try {
    await act(form.dataset.act, body);
    if (form.dataset.then) location.assign(form.dataset.then); else location.reload();
  } catch { /* said above the page; what was typed stays in the form */ }
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-post]");
  if (!button) return;
  button.disabled = true;
  try {
    await act(button.dataset.post, JSON.parse(button.dataset.body ?? "{}"));
    location.reload();
  } catch { button.disabled = false; }
});

if (coder) {
  send();
  addEventListener("online", () => send());
  addEventListener("storage", (event) => { if (event.key === OUTBOX) settle(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && waiting().length) send(); });
  addEventListener("beforeunload", (event) => { if (failures && waiting().length) event.preventDefault(); });
}
