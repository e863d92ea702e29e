// Search and copy. The server finds and writes; this file asks at every key, and keeps the hands
// on the keyboard. Without it the page still works as a form.

import { kept, post, say } from "./console.js";
import * as copying from "./copying.js";
import * as stack from "./stack.js";

const form = document.getElementById("find");
const input = document.getElementById("q");
const results = document.getElementById("results");
const answer = document.getElementById("answer");
const problem = document.getElementById("problem");
const CHIPS = ["day", "place", "group", "months", "members"];
const REGISTERS = ["chat", "short", "phone"];
// Shorter than any pause between keys that a person means.
const PAUSE_MS = 25;

let chosen = answer.querySelector("[data-id]")?.dataset.id ?? "";
// Held while the same words stand: the answer somebody picked themselves.
let picked = "";
let register = kept.get("console-register") || "chat";
let raw = new Map(), asking = null, pause = 0;
// What the clipboard gets must be what the words ask for: copying waits for the last answer.
let settled = Promise.resolve();
let overtaken = () => {};
// Chips that wait until the hand has left the day: replaced under it, half a date would be lost.
let chipsWaiting = null;

// -- asking ----------------------------------------------------------------------------------
function wish() {
  const chips = Object.fromEntries(CHIPS.map((name) => [name, form.elements[name]?.value ?? ""]));
  return { q: input.value, id: picked, ...chips };
}

function ask() {
  asking?.abort();
  const mine = asking = new AbortController();
  const wanted = wish();
  settled = post("/find", wanted, mine.signal).then((data) => {
    if (mine !== asking) return;
    problem.hidden = true;
    results.innerHTML = data.results;
    results.dataset.words = wanted.q; // what the list below answers to
    put(data.answer);
    chosen = data.chosen;
    drawRegisters();
  }).catch((error) => {
    if (error.name === "AbortError") return;
    if (error.kind === "session") keepWords();
    problem.textContent = error.text;
    problem.hidden = error.kind === "session";
  });
  return settled;
}

/** New parts of the answer; the chips stay while a hand is on the day. */
function put(html) {
  chipsWaiting = null;
  const held = document.activeElement?.closest("#answer [data-part]")?.dataset.part;
  const fresh = document.createElement("div");
  fresh.innerHTML = html;
  const old = held === "chips" && answer.querySelector('[data-part="chips"]');
  const place = old && fresh.querySelector('[data-part="chips"]');
  if (old && place) {
    const name = document.activeElement.name;
    const value = name === "day" ? null : form.elements[name]?.value;
    if (value === null) {
      for (const part of ["head", "registers"]) {
        answer.querySelector(`[data-part="${part}"]`)
          .replaceWith(fresh.querySelector(`[data-part="${part}"]`));
      }
      chipsWaiting = place;
      return;
    }
    answer.replaceChildren(...fresh.childNodes);
    form.elements[name]?.focus();
    return;
  }
  const copied = held === "registers" && document.activeElement.dataset.copy;
  answer.replaceChildren(...fresh.childNodes);
  if (copied) answer.querySelector(`[data-copy="${copied}"]`)?.focus();
}

function keepWords() {
  try { sessionStorage.setItem("console-q", input.value); } catch { /* Then they are lost. */ }
}

function soon() {
  picked = "";
  clearTimeout(pause);
  overtaken();
  settled = new Promise((resolve) => { overtaken = resolve; });
  const done = overtaken;
  pause = setTimeout(() => ask().then(done), PAUSE_MS);
}

/** Once nothing is under way any more. */
async function quiet() {
  let seen;
  do await (seen = settled); while (seen !== settled);
}

// -- the three texts ---------------------------------------------------------------------------
function drawRegisters() {
  raw = new Map();
  for (const card of answer.querySelectorAll("[data-register]")) {
    raw.set(card.dataset.register, card.querySelector(".register-text").textContent);
  }
  drawExtras();
  redraw();
}

function redraw() {
  for (const card of answer.querySelectorAll("[data-register]")) {
    const name = card.dataset.register;
    copying.show(card.querySelector(".register-text"), copying.framed(raw.get(name)));
    card.classList.toggle("chosen", name === register);
    if (name === register) card.setAttribute("aria-current", "true");
    else card.removeAttribute("aria-current");
  }
}

/** Greeting and signature, and a field for every blank of the chosen text. */
function drawExtras() {
  const registers = answer.querySelector('[data-part="registers"]');
  if (!registers) return;
  answer.querySelector("[data-extras]")?.remove();
  const extras = document.createElement("div");
  extras.dataset.extras = "";
  extras.innerHTML = '<p class="frame-tick"><label class="tick"><input type="checkbox" data-frame>'
    + "Kèm lời chào và ký tên</label></p>";
  const tick = extras.querySelector("[data-frame]");
  tick.checked = kept.get("console-frame") === "1";
  tick.addEventListener("change", () => {
    kept.set("console-frame", tick.checked ? "1" : "");
    drawExtras();
    redraw();
    answer.querySelector("[data-frame]").focus();
  });
  const blanks = copying.blanksOf(copying.framed(raw.get(register) ?? ""));
  if (blanks.length) extras.append(copying.fields(blanks, redraw));
  registers.before(extras);
}

function choose(name) {
  if (!raw.has(name)) return;
  register = name;
  kept.set("console-register", name);
  drawExtras();
  redraw();
  say(`Dạng ${answer.querySelector(`#r-${name}`).lastChild.textContent.trim().toLowerCase()}`);
}

async function copyNow(name = register) {
  await quiet();
  if (!raw.has(name)) return say("Chưa có câu trả lời để chép.", { bad: true });
  const title = answer.querySelector("[data-title]").dataset.title;
  const item = { ...wish(), id: chosen, register: name };
  if (await copying.copy(copying.framed(raw.get(name)), [item], title)) {
    const button = answer.querySelector(`[data-copy="${name}"]`);
    const label = button?.querySelector("span");
    if (!label) return;
    button.classList.add("done");
    label.textContent = "Đã chép";
    setTimeout(() => { button.classList.remove("done"); label.textContent = "Chép"; }, 2200);
  }
}

async function addNow() {
  await quiet();
  if (!raw.has(register)) return;
  const { title } = answer.querySelector("[data-title]").dataset;
  stack.add({ title, text: raw.get(register), item: { ...wish(), id: chosen, register } });
}

// -- the list ------------------------------------------------------------------------------------
async function move(by) {
  const words = input.value;
  await quiet();
  if (input.value !== words) return; // the next word came sooner than the list
  const hits = [...results.querySelectorAll(".hit")];
  if (!hits.length) return;
  const at = hits.findIndex((hit) => hit.value === chosen);
  const next = at < 0 ? (by > 0 ? 0 : hits.length - 1)
    : Math.min(Math.max(at + by, 0), hits.length - 1);
  pick(hits[next].value, `${next + 1} trên ${hits.length}: `
    + hits[next].querySelector(".hit-title").textContent);
}

function pick(id, spoken = "") {
  const held = document.activeElement?.classList.contains("hit");
  picked = chosen = id;
  return ask().then(() => {
    const hit = results.querySelector(`.hit[value="${CSS.escape(id)}"]`);
    if (held) hit?.focus();
    hit?.scrollIntoView({ block: "nearest" });
    if (spoken) say(spoken);
  });
}

// -- hands -----------------------------------------------------------------------------------------
const LETTERS = {
  "/": () => { input.focus(); input.select(); },
  "?": () => document.getElementById("help").showModal(),
  j: () => move(1),
  k: () => move(-1),
  a: addNow,
  w: () => answer.querySelector("[data-why]")?.click(),
  ...Object.fromEntries(REGISTERS.map((name, at) => [at + 1, () => choose(name)])),
};

document.addEventListener("keydown", (event) => {
  // The Enter that ends a Vietnamese input method's composition is not ours.
  if (event.isComposing || document.querySelector("dialog[open]")) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    if (event.shiftKey) stack.copyAll();
    else copyNow();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const field = event.target.closest?.("input, select, textarea");
  if (event.target === input) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" || event.key === "Escape") {
      event.preventDefault();
      input.blur();
    }
    return;
  }
  if (field && field.type !== "checkbox") return;
  const work = LETTERS[event.key.toLowerCase()];
  if (work && kept.get("console-letters") !== "0") {
    event.preventDefault();
    work();
  }
});

input.addEventListener("input", soon);
form.addEventListener("submit", (event) => {
  if (event.submitter?.dataset.why !== undefined) return;
  event.preventDefault();
  if (event.submitter?.classList.contains("hit")) pick(event.submitter.value);
});
answer.addEventListener("change", (event) => {
  if (!CHIPS.includes(event.target.name)) return;
  // Other chips change the text, not which answer stands there.
  picked = chosen;
  ask();
});
answer.addEventListener("click", (event) => {
  const target = event.target;
  const copy = target.closest("[data-copy]");
  if (copy) return copyNow(copy.dataset.copy);
  if (target.closest("[data-add]")) return addNow();
  if (target.closest("[data-clear]")) {
    for (const name of CHIPS) if (form.elements[name]) form.elements[name].value = "";
    picked = chosen;
    return ask();
  }
  // A click on a card chooses it; selecting some words of it does not.
  const card = target.closest("[data-register]");
  if (card && !getSelection().toString()) choose(card.dataset.register);
});

answer.addEventListener("focusout", (event) => {
  if (event.target.name !== "day" || !chipsWaiting) return;
  const next = event.relatedTarget?.name;
  answer.querySelector('[data-part="chips"]')?.replaceWith(chipsWaiting);
  chipsWaiting = null;
  if (CHIPS.includes(next)) form.elements[next]?.focus();
});

const letters = document.getElementById("letters");
letters.checked = kept.get("console-letters") !== "0";
letters.addEventListener("change", () => kept.set("console-letters", letters.checked ? "1" : "0"));
document.querySelector(".help-open").addEventListener("click", LETTERS["?"]);

let waiting = "";
try { waiting = sessionStorage.getItem("console-q") ?? ""; sessionStorage.removeItem("console-q"); }
catch { /* Nothing was kept. */ }
if (waiting && !input.value) {
  input.value = waiting;
  ask();
} else {
  drawRegisters();
}
input.focus();
input.setSelectionRange(input.value.length, input.value.length);
