// Keeps the live region of a page fresh: a stream says that something changed, the page asks again.

import { get, showBadges } from "./badges.js";

const region = document.querySelector("[data-live]");
const { prefix } = document.body.dataset;
const POLL = 15_000;
let stream = null;
let polling = 0;
let waiting = 0;
let shown = null;

/** Put fresh HTML in place, and the focus back to where it was. */
function place(html) {
  if (shown === html) return;
  const first = shown === null;
  shown = html;
  const focus = region.contains(document.activeElement) ? document.activeElement.id : "";
  const bottom = innerHeight + scrollY >= document.documentElement.scrollHeight - 80;
  region.innerHTML = html;
  if (focus) document.getElementById(focus)?.focus();
  region.dispatchEvent(new CustomEvent("fresh", { bubbles: true, detail: { bottom, first } }));
}

async function refresh() {
  try {
    const { html, badges } = await get(region.dataset.live);
    place(html);
    showBadges(badges);
  } catch { /* the stream or the clock asks again */ }
}

function soon() {
  // Several changes within a moment are one.
  clearTimeout(waiting);
  waiting = setTimeout(refresh, 150);
}

function open() {
  if (stream || document.hidden) return;
  stream = new EventSource(`${prefix}/live`);
  stream.addEventListener("change", soon);
  stream.addEventListener("session", () => { close(); refresh(); });
  stream.addEventListener("error", () => {
    if (stream?.readyState !== EventSource.CLOSED) return;
    close();
    // Refused for good: the session is over, or too many pages are open. Asking tells which.
    refresh();
    polling ||= setInterval(() => { if (!document.hidden) refresh(); }, POLL);
  });
}

function close() {
  stream?.close();
  stream = null;
}

// A browser opens only a few connections to one server: pages in the background give theirs back.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) close();
  else { refresh(); open(); }
});
addEventListener("pagehide", close);
if (region) open();
