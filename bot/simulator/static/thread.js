// The two threads of bubbles: what they show, and what stays in sight.

import { $, clock, icon, make, withLinks } from "./dom.js";

export const START = { zalo: "Nút “Nhắn tin”", messenger: "Nút “Bắt đầu”" };
const THING = { sticker: "Nhãn dán", image: "Hình ảnh", audio: "Tin thoại" };
const TYPING_LIFE_MS = 20000; // Messenger takes the dots away after about so long
const JOIN_MS = 180000;       // bubbles of one side closer than this stand together

export const threads = {};
for (const element of document.querySelectorAll(".thread")) {
  const tab = $(`tab-${element.dataset.channel}`);
  threads[element.dataset.channel] = { element, tab, byRef: new Map(), last: null, typing: null };
}

// What is being looked at, and what a choice or a retry calls back; chat.js fills it in.
export const view = { channel: "zalo", live: false, send: null, focus: null };

const log = $("log");

function trouble(status) {
  if (status === null) return "Chưa gửi được vì mất kết nối với dịch vụ.";
  if (status === 0) return "Webhook của dịch vụ chưa trả lời.";
  if (status === 401 || status === 403) return `Dịch vụ không nhận chữ ký của tin này (mã ${status}).`;
  if (status === 503) return "Dịch vụ tạm thời chưa nhận được tin (mã 503).";
  return `Dịch vụ chưa nhận tin này (mã ${status}).`;
}

// -- the thread ---------------------------------------------------------------------------
export function showEmpty() {
  $("empty").hidden = threads[view.channel].element.childElementCount > 0;
}

// Keeps the newest in view, but never pushes the beginning of a long reply out of it, and
// leaves a reader alone who has scrolled up.
let settledAt = 0;
export function settle(own) {
  if (!own && log.scrollTop < settledAt - 80) return;
  const { element } = threads[view.channel];
  if (!element.childElementCount) { log.scrollTop = settledAt = 0; return; }
  const mine = [...element.querySelectorAll(".message.mine")].at(-1);
  const bottom = log.scrollHeight - log.clientHeight;
  log.scrollTop = mine && !own ? Math.min(bottom, Math.max(0, mine.offsetTop - 12)) : bottom;
  settledAt = log.scrollTop;
}

function place(thread, element, own) {
  if (thread.typing) thread.element.insertBefore(element, thread.typing);
  else thread.element.append(element);
  if (thread.element.dataset.channel !== view.channel) {
    if (view.live) thread.tab.querySelector(".unread").hidden = false;
    return;
  }
  showEmpty();
  settle(own);
}

export function addBubble(thread, { mine, kind, text, payload, at, ref }) {
  const element = make("article", mine ? "message mine" : "message");
  element.append(make("span", "unseen", mine ? "Anh/chị:" : "Trợ lý:"));
  const bubble = make("div", "bubble");
  if (THING[kind] || kind === "start") {
    bubble.classList.add("thing");
    bubble.append(icon(kind), THING[kind] ?? START[thread.element.dataset.channel]);
  } else bubble.append(mine ? text : withLinks(text));
  const meta = make("div", "meta");
  meta.append(clock(at));
  element.append(bubble, meta);
  const last = thread.last;
  if (last && last.mine === mine && at - last.at < JOIN_MS) {
    element.classList.add("joined");
    last.element.classList.add("followed");
  }
  thread.last = { element, mine, at };
  if (ref) thread.byRef.set(ref, { element, meta, at, action: { kind, text, payload } });
  place(thread, element, mine);
}

export function addNote(thread, text, bad) {
  thread.last = null;
  place(thread, make("p", bad ? "note bad" : "note", text), false);
}

export function setChoices(thread, choices) {
  thread.element.querySelector(".choices")?.remove();
  if (!choices?.length) return;
  const row = make("div", "choices");
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", "Lựa chọn nhanh");
  for (const { label, text, payload } of choices) {
    const button = make("button", "choice", label);
    button.type = "button";
    if (/^\d+$/.test(label)) button.setAttribute("aria-label", `Chọn số ${label}`);
    button.addEventListener("click", () => {
      view.send(payload ? { kind: "tap", text, payload } : { kind: "text", text });
    });
    row.append(button);
  }
  place(thread, row, false);
}

export function setTyping(thread, on) {
  clearTimeout(thread.typingTimer);
  thread.typing?.remove();
  thread.typing = null;
  if (!on) return;
  const dots = make("div", "typing");
  dots.append(make("span", "unseen", "Trợ lý đang soạn tin"), make("i"), make("i"), make("i"));
  place(thread, dots, false);
  thread.typing = dots;
  thread.typingTimer = setTimeout(() => setTyping(thread, false), TYPING_LIFE_MS);
}

export function setStatus(thread, ref, state, status, again) {
  const message = thread.byRef.get(ref);
  if (!message) return;
  const { element, meta, at } = message;
  element.classList.toggle("sending", state === "sending");
  meta.classList.toggle("failed", state === "failed");
  if (state === "failed") {
    const retry = make("button", "", "Thử lại");
    retry.type = "button";
    retry.addEventListener("click", () => { again(); view.focus(); });
    meta.replaceChildren(make("span", "", trouble(status)), retry);
  } else {
    const word = state === "sending" ? "Đang gửi" : "Đã nhận";
    meta.replaceChildren(make("span", "", word), clock(at));
  }
  if (thread.element.dataset.channel === view.channel) settle(state === "failed");
}

export function clear(thread, keepUnsent) {
  const unsent = keepUnsent ? thread.element.querySelectorAll(".message:has(.failed), .sending") : [];
  thread.element.replaceChildren(...unsent);
  thread.last = thread.typing = null;
  for (const [ref, { element }] of thread.byRef) {
    if (!element.isConnected) thread.byRef.delete(ref);
  }
  showEmpty();
}
