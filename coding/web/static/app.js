// What every page does: send acts so that none is lost, and say how that goes.
//
// An act is put into an outbox in the browser's storage before it is sent, with an id of its own, and stays there
// until the server has answered. So neither a reload nor a server that stops loses one, and one that is
// sent twice is kept once.

const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";
export const coder = meta("coding-coder");
const token = meta("coding-token");
const OUTBOX = `coding-outbox:${coder}`;
const WAITS = [500, 1000, 2000, 5000];

export const newId = () => crypto.randomUUID?.() ?? "10000000-1000-4000-8000-100000000000".replace(/[018]/g,
  (c) => (+c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (+c / 4)))).toString(16));

/** Ask the API; the value, or an Error whose `status` is 0 when no server answered. */
export async function ask(path, body) {
  let answer;
  try {
    answer = await fetch(path, body === undefined ? {} : {
      method: "POST",
      headers: { "content-type": "application/json", "x-coding-token": token },
      body: JSON.stringify(body),
    });
  } catch {
    throw Object.assign(new Error("The server does not answer."), { status: 0 });
  }
  const value = await answer.json().catch(() => ({}));
  if (answer.ok) return value;
  const said = value.error?.message ?? `The server answered ${answer.status}.`;
  throw Object.assign(new Error(said), { status: answer.status, problems: value.error?.problems ?? [said] });
}

// ---- the outbox

export const waiting = () => JSON.parse(localStorage.getItem(OUTBOX) ?? "[]");
const keepWaiting = (acts) => localStorage.setItem(OUTBOX, JSON.stringify(acts));
let sending = null;
let failures = 0;

/** Keep an act and send it. Resolves with the server's answer; rejects when the server refuses it. */
export function act(path, body) {
  const sent = { path, body: { batch: newId(), ...body } };
  keepWaiting([...waiting(), sent]);
  return new Promise((resolve, reject) => {
    const heard = (event) => {
      if (event.detail.batch !== sent.body.batch) return;
      document.removeEventListener("coding:answered", heard);
      if (event.detail.error) reject(event.detail.error); else resolve(event.detail.value);
    };
    document.addEventListener("coding:answered", heard);
    send();
  });
}

export function send() {
  sending ??= withLock(sendAll).finally(() => { sending = null; if (waiting().length && !failures) send(); });
  return sending;
}

const withLock = (work) => navigator.locks ? navigator.locks.request(OUTBOX, work) : work();

async function sendAll() {
  for (let acts = waiting(); acts.length; acts = waiting()) {
    const [{ path, body }] = acts;
    let detail = { batch: body.batch, path };
    try {
      detail.value = await ask(path, body);
    } catch (error) {
      if (error.status === 0 || error.status >= 500 || error.status === 429) return unreachable();
      if (error.status === 401) return say("signed-out", "Your session is over. Enter again in another tab; what you did is kept here and sent then.", true);
      detail.error = error;
      say(`refused-${body.batch}`, error.message, true);
    }
    keepWaiting(waiting().filter((one) => one.body.batch !== body.batch));
    failures = 0;
    unsay("unreachable");
    unsay("signed-out");
    document.dispatchEvent(new CustomEvent("coding:answered", { detail }));
  }
  document.dispatchEvent(new CustomEvent("coding:saved"));
}

function unreachable() {
  const n = waiting().length;
  say("unreachable", `The server does not answer. ${n === 1 ? "One act is" : `${n} acts are`} kept in this browser and sent when it is back.`, true);
  const wait = WAITS[Math.min(failures++, WAITS.length - 1)];
  setTimeout(() => send(), wait);
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
  addEventListener("beforeunload", (event) => { if (failures && waiting().length) event.preventDefault(); });
}
