// Forms that change the codebook: what is wrong stands beside the field, and nothing that was typed is lost.
//
// What is typed is kept in the tab's storage until it is written: when somebody else has changed the codebook
// meanwhile the page has to be loaded again, and then the words are still there.

import { ask, say, unsay } from "/static/app.js";

const SAID = "coding-codebook-said";
const idOfForm = (form) => form.getAttribute("id"); // form.id is its field of that name
const draftKey = (form) => `coding-codebook:${idOfForm(form)}:${form.dataset.of}`;
const fields = (form) => [...form.elements].filter((field) => field.name && field.type !== "hidden");
const isChanged = (field) => field.options
  ? [...field.options].some((option) => option.selected !== option.defaultSelected) && field.value !== firstValue(field)
  : field.value !== field.defaultValue;
const firstValue = (field) => [...field.options].find((option) => option.defaultSelected)?.value ?? field.options[0]?.value;

// ---- what was typed

function keepDraft(form) {
  const typed = Object.fromEntries(fields(form).filter(isChanged).map((field) => [field.name, field.value]));
  if (Object.keys(typed).length) sessionStorage.setItem(draftKey(form), JSON.stringify(typed));
  else sessionStorage.removeItem(draftKey(form));
}

function takeUpDraft(form) {
  const typed = JSON.parse(sessionStorage.getItem(draftKey(form)) ?? "{}");
  const there = fields(form).filter((field) => field.name in typed);
  for (const field of there) field.value = typed[field.name];
  if (!there.some(isChanged)) return sessionStorage.removeItem(draftKey(form));
  form.closest("details").open = true;
  const forget = document.createElement("button");
  forget.type = "button";
  forget.textContent = "Forget what I typed";
  forget.addEventListener("click", () => { form.reset(); keepDraft(form); clear(form); });
  const said = told(form, "What you typed before is in the form again. It is not written yet. ");
  said.classList.remove("fault");
  said.append(forget);
}

// ---- the id that a name makes

/** As `slug` in coding/ids.py. */
function slug(name) {
  const plain = [...name.normalize("NFKD")].filter((c) => c <= "\x7f").join("").toLowerCase();
  const words = plain.replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "");
  return /^\d/.test(words) ? `n${words}` : words;
}

function idOf({ elements: { parent, name } }) {
  return [parent.value, slug(name.value)].filter(Boolean).join(".") + (parent.value && !slug(name.value) ? "." : "");
}

/** Let the id follow the name and the parent until somebody writes another. */
function proposeIds(form) {
  const { id, name, parent } = form.elements;
  let proposed = idOf(form);
  const follow = () => {
    const before = proposed;
    proposed = idOf(form);
    if (["", id.defaultValue, before].includes(id.value)) id.value = proposed;
  };
  name.addEventListener("input", follow);
  parent.addEventListener("input", follow);
}

// ---- what is sent

function body(form) {
  const sent = {};
  for (const field of form.elements) {
    if (!field.name || (form.hasAttribute("data-only-changed") && field.type !== "hidden" && !isChanged(field))) continue;
    put(sent, field.name.split("."), valueOf(field));
  }
  if (sent.into?.filter) sent.into = sent.into.filter((part) => Object.values(part).some((words) => words.trim()));
  return sent;
}

function valueOf(field) {
  if (field.name === "examples") return field.value.split("\n").map((line) => line.trim()).filter(Boolean);
  if (field.options && !field.value) return null;
  return field.value;
}

function put(sent, [key, ...rest], value) {
  if (!rest.length) sent[key] = value;
  else put(sent[key] ??= /^\d+$/.test(rest[0]) ? [] : {}, rest, value);
}

async function submit(form) {
  clear(form);
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  const slow = setTimeout(() => say("codebook", "The codebook is being written."), 300);
  try {
    done(form, await ask(form.dataset.change, body(form)));
  } catch (error) {
    refused(form, error);
  } finally {
    clearTimeout(slow);
    unsay("codebook");
    button.disabled = false;
  }
}

function done(form, now) {
  sessionStorage.removeItem(draftKey(form));
  const words = now.changed ? `Codebook ${now.codebook} is version ${now.version} now.` : "Nothing was changed.";
  const earlier = now.other_meaning && now.n_earlier
    ? ` ${now.n_earlier} coded segment${now.n_earlier === 1 ? " was" : "s were"} coded under an earlier meaning.` : "";
  sessionStorage.setItem(SAID, words + earlier);
  const from = new URLSearchParams(location.search).get("from"); // the page shows it if it is a document's
  const back = from ? `?from=${encodeURIComponent(from)}` : "";
  location.assign(`/codebook/${encodeURIComponent(now.code)}${back}`);
}

// ---- what is wrong

function refused(form, error) {
  if (error.status === 409) return late(form, error);
  const unreachable = error.status === 0 ? " What you typed stays here; try again when it is back." : "";
  for (const problem of error.problems ?? [error.message + unreachable]) {
    const field = fields(form).find(({ dataset }) => problem.startsWith(`${dataset.label}: `));
    if (field) beside(field, problem.slice(field.dataset.label.length + 2));
    else told(form, problem);
  }
  form.querySelector("[aria-invalid]")?.focus();
}

function late(form, error) {
  const again = document.createElement("button");
  again.type = "button";
  again.textContent = "Load again, keep what I typed";
  again.addEventListener("click", () => location.reload());
  told(form, `${error.message} `).append(again);
}

function beside(field, words) {
  const fault = document.createElement("span");
  fault.className = "fault";
  fault.id = `${field.id}-fault`;
  fault.textContent = words;
  field.setAttribute("aria-invalid", "true");
  field.dataset.described = field.getAttribute("aria-describedby") ?? "";
  field.setAttribute("aria-describedby", `${fault.id} ${field.dataset.described}`.trim());
  field.after(fault);
}

function told(form, words) {
  const fault = document.createElement("p");
  fault.className = "fault";
  fault.setAttribute("role", "alert");
  fault.append(words);
  form.prepend(fault);
  return fault;
}

function clear(form) {
  for (const fault of form.querySelectorAll("p.fault, span.fault, p[role=alert]")) fault.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    if (field.dataset.described) field.setAttribute("aria-describedby", field.dataset.described);
    else field.removeAttribute("aria-describedby");
  }
}

// ---- the page

function openAddressed() {
  const addressed = document.getElementById(location.hash.slice(1));
  if (!addressed?.matches("details.change")) return;
  addressed.open = true;
  addressed.scrollIntoView();
  // The browser takes the focus away when it first goes to the address: it is given after that.
  if (document.readyState === "complete") enter(addressed);
  else addEventListener("load", () => requestAnimationFrame(() => enter(addressed)), { once: true });
}

function enter(details) {
  if (details.contains(document.activeElement)) return;
  const first = details.querySelector("form :is(input:not([type=hidden]), select, textarea)");
  first?.focus({ preventScroll: true });
}

for (const form of document.querySelectorAll("form[data-change]")) {
  form.noValidate = true; // the server says what is missing, beside the field and in our words
  form.addEventListener("submit", (event) => { event.preventDefault(); submit(form); });
  form.addEventListener("input", () => keepDraft(form));
  takeUpDraft(form);
  if (idOfForm(form) === "add-form") proposeIds(form);
}
openAddressed();
addEventListener("hashchange", openAddressed);
const said = sessionStorage.getItem(SAID);
if (said) say("codebook", said);
sessionStorage.removeItem(SAID);
