// One conversation: r answers, Ctrl+Enter sends, Escape leads back; a form is sent once.

import { say } from "./console.js";

const reply = document.getElementById("reply");

for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
}
// Back from another page the browser may show this one as it was: its forms live again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-once]")) delete form.dataset.sent;
});

// What is being typed outlives an error page or a new log-in, in this tab alone, until it is sent.
const draft = `draft-${location.pathname.match(/\d+/)}`;
try {
  const done = new URLSearchParams(location.search).get("done") ?? "";
  if (/^(reply|twice)/.test(done)) sessionStorage.removeItem(draft);
  if (reply) {
    reply.value ||= sessionStorage.getItem(draft) ?? "";
    reply.addEventListener("input", () => sessionStorage.setItem(draft, reply.value));
  }
} catch {
  // Storage may be switched off; then words are lost with the page.
}

document.addEventListener("keydown", (event) => {
  const field = event.target.closest("textarea");
  if (field && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    field.form.requestSubmit();
  } else if (field && event.key === "Escape") {
    field.blur();
  } else if (!event.target.closest("input, select, textarea") && !event.ctrlKey && !event.metaKey
      && !event.altKey && event.key === "r" && reply) {
    event.preventDefault();
    reply.focus();
  }
});

document.addEventListener("fresh", (event) => {
  if (event.detail.bottom) document.getElementById("newest")?.scrollIntoView({ block: "end" });
  if (!event.detail.first) say("Hội thoại có tin mới.");
});

// The newest words are what somebody comes for; an error above is, too.
if (!document.querySelector('[role="alert"]')) {
  document.getElementById("newest")?.scrollIntoView({ block: "center" });
}
