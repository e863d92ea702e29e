// The simulator's chat page. It shows what the server's event stream tells it and posts what
// the visitor does; it knows nothing of webhooks beyond printing them. All text enters the
// page through textContent.

import { $ } from "./dom.js";
import {
  START, addBubble, addNote, clear, setChoices, setStatus, setTyping, settle, showEmpty, threads, view,
} from "./thread.js";
import { addWire, dropWire, filterWire, noteReceipt } from "./wire.js";

const log = $("log"), input = $("text"), menu = $("attach-menu"), attach = $("attach");
const SUBTITLE = { zalo: "Zalo Official Account", messenger: "Trang trên Messenger" };
let stream = null, lastSeen = "", retryTimer = 0, retryMs = 1000;

// -- what the server tells ----------------------------------------------------------------
function onEntry(entry) {
  const thread = threads[entry.channel];
  if (entry.type === "message" && entry.from === "visitor") {
    setChoices(thread, null);
    if (!thread.byRef.has(entry.ref)) addBubble(thread, { ...entry, mine: true });
    addWire(entry, "Webhook tới dịch vụ");
  } else if (entry.type === "message") {
    setTyping(thread, false);
    setChoices(thread, null);
    addBubble(thread, { ...entry, mine: false });
    setChoices(thread, entry.choices);
    addWire(entry, "Lệnh gửi của trợ lý");
  } else if (entry.type === "receipt") {
    const ok = entry.status === 200;
    // With the whole action, for a service that has restarted and knows no such ref.
    const action = thread.byRef.get(entry.ref)?.action;
    const again = () => post(entry.channel, { ref: entry.ref, ...action });
    setStatus(thread, entry.ref, ok ? "received" : "failed", entry.status, again);
    noteReceipt(entry, ok);
  } else if (entry.type === "refusal") {
    setTyping(thread, false);
    addNote(thread, "API giả lập không nhận một tin của trợ lý. Xem chi tiết trong phần sự kiện.", true);
    addWire(entry, "Lệnh gửi bị từ chối", true);
  } else if (entry.type === "cleared") {
    clear(thread, false);
    dropWire(entry.channel);
  }
}

function connect() {
  clearTimeout(retryTimer);
  stream?.close();
  stream = new EventSource(`events?after=${encodeURIComponent(lastSeen)}`);
  stream.addEventListener("entry", (event) => {
    lastSeen = event.lastEventId;
    onEntry(JSON.parse(event.data));
  });
  stream.addEventListener("passing", (event) => {
    const passing = JSON.parse(event.data);
    setTyping(threads[passing.channel], passing.on);
  });
  stream.addEventListener("reset", (event) => {
    const restarted = JSON.parse(event.data).restarted;
    for (const thread of Object.values(threads)) {
      const had = thread.element.childElementCount > 0;
      clear(thread, true);
      if (had && restarted) addNote(thread, "Dịch vụ vừa khởi động lại. Đây là cuộc trò chuyện mới.");
    }
    dropWire();
    view.live = false;
  });
  // From here on entries are news: read aloud, and marked on the other tab.
  stream.addEventListener("ready", () => {
    view.live = true;
    retryMs = 1000;
    $("banner").hidden = true;
    setTimeout(() => log.removeAttribute("aria-busy"), 200);
  });
  stream.onerror = () => {
    $("banner").hidden = false;
    if (stream.readyState !== EventSource.CLOSED) return; // the browser itself tries again
    retryTimer = setTimeout(connect, retryMs);
    retryMs = Math.min(retryMs * 2, 15000);
  };
}

// -- what the visitor does ----------------------------------------------------------------
async function post(to, message) {
  const thread = threads[to];
  setStatus(thread, message.ref, "sending");
  try {
    const answer = await fetch("send", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ channel: to, ...message }),
    });
    // The receipt arrives with the event stream; only what never got so far is shown here.
    if (!answer.ok) setStatus(thread, message.ref, "failed", answer.status, () => post(to, message));
  } catch {
    setStatus(thread, message.ref, "failed", null, () => post(to, message));
  }
}

function send(action) {
  const ref = crypto.randomUUID();
  const thread = threads[view.channel];
  setChoices(thread, null);
  addBubble(thread, { mine: true, at: Date.now(), ref, ...action });
  post(view.channel, { ref, ...action });
  input.focus();
}

function fit() {
  input.style.height = "44px";
  input.style.height = `${Math.min(input.scrollHeight, 140)}px`;
  $("send").disabled = !input.value.trim();
}

function select(name, focusTab) {
  view.channel = name;
  document.body.dataset.channel = name;
  log.setAttribute("aria-busy", "true"); // a whole thread appears: not news to read aloud
  for (const [key, { element, tab }] of Object.entries(threads)) {
    const on = key === name;
    element.hidden = !on;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
    if (on) tab.querySelector(".unread").hidden = true;
    if (on && focusTab) tab.focus();
  }
  $("chat").setAttribute("aria-labelledby", `tab-${name}`);
  $("subtitle").textContent = SUBTITLE[name];
  $("start-label").textContent = START[name];
  history.replaceState(null, "", name === "zalo" ? location.pathname : `#${name}`);
  showEmpty();
  settle(true);
  filterWire(name);
  setTimeout(() => log.removeAttribute("aria-busy"), 200);
}

function openMenu(open) {
  menu.hidden = !open;
  attach.setAttribute("aria-expanded", String(open));
  if (open) menu.querySelector("button").focus();
}

// -- the panel of events -----------------------------------------------------------------
function toggleWire(open) {
  $("wire").hidden = !open;
  for (const button of document.querySelectorAll("[data-toggle-wire]")) {
    button.setAttribute("aria-pressed", String(open));
  }
  if (open) $("wire-close").focus();
  else input.focus();
}

// -- wiring -------------------------------------------------------------------------------
$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value.trim();
  if (!text) return;
  input.value = "";
  fit();
  send({ kind: "text", text });
});
input.addEventListener("input", fit);
input.addEventListener("keydown", (event) => {
  // Vietnamese input methods end a composition with Enter: that Enter is not ours.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("composer").requestSubmit();
});
for (const button of document.querySelectorAll(".suggestion")) {
  button.addEventListener("click", () => send({ kind: "text", text: button.textContent }));
}
for (const { element, tab } of Object.values(threads)) {
  tab.addEventListener("click", () => select(element.dataset.channel));
  tab.addEventListener("keydown", (event) => {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    event.preventDefault();
    select(view.channel === "zalo" ? "messenger" : "zalo", true);
  });
}
attach.addEventListener("click", () => openMenu(menu.hidden));
menu.addEventListener("click", (event) => {
  const button = event.target.closest("[data-kind]");
  if (!button) return;
  openMenu(false);
  send({ kind: button.dataset.kind, text: "" });
});
menu.addEventListener("keydown", (event) => {
  const items = [...menu.querySelectorAll("button")];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  items.at((items.indexOf(document.activeElement) + step) % items.length).focus();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (!menu.hidden) { openMenu(false); attach.focus(); }
  else if (!$("wire").hidden) toggleWire(false);
});
document.addEventListener("pointerdown", (event) => {
  if (!menu.hidden && !event.target.closest("#attach-menu, #attach")) openMenu(false);
});
for (const button of document.querySelectorAll("[data-toggle-wire]")) {
  button.addEventListener("click", () => toggleWire($("wire").hidden));
}
$("wire-close").addEventListener("click", () => toggleWire(false));
$("reconnect").addEventListener("click", () => { connect(); input.focus(); });
$("start-over").addEventListener("click", async () => {
  const headers = { "Content-Type": "application/json" };
  try {
    await fetch("reset", { method: "POST", headers, body: JSON.stringify({ channel: view.channel }) });
  } catch {
    $("banner").hidden = false;
  }
  input.focus();
});

Object.assign(view, { send, focus: () => input.focus() });
select(location.hash === "#messenger" ? "messenger" : "zalo");
fit();
connect();
