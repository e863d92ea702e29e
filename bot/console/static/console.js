// What every page has: the theme button, and a word at the bottom of the screen.

const THEMES = { auto: "theo máy", light: "sáng", dark: "tối" };
const toast = document.getElementById("toast");
let hiding = 0;

/** Say something for a moment; screen readers hear it, too. */
export function say(text, { bad = false } = {}) {
  clearTimeout(hiding);
  toast.classList.toggle("bad", bad);
  toast.textContent = text;
  hiding = setTimeout(() => { toast.textContent = ""; }, bad ? 7000 : 2800);
}

/** What is kept in this browser; nothing, where storage is switched off. */
export const kept = {
  get(name) {
    try { return localStorage.getItem(name) ?? ""; } catch { return ""; }
  },
  set(name, value) {
    try { localStorage.setItem(name, value); } catch { /* Then it holds for this page only. */ }
  },
};

/** POST JSON to a page of ours. Throws {kind, text}: "session", "store", "network", … */
export async function post(path, data, signal) {
  const { prefix, csrf } = document.body.dataset;
  let answer;
  try {
    answer = await fetch(prefix + path, {
      method: "POST",
      headers: {
        "Content-Type": "application/json", "Accept": "application/json", "X-CSRF-Token": csrf,
      },
      body: JSON.stringify(data),
      signal,
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw { kind: "network", text: "Mất kết nối với máy chủ. Anh/chị kiểm tra mạng rồi thử lại." };
  }
  if (answer.ok) return answer.json();
  const said = await answer.json().catch(() => ({}));
  if (said.error === "session") document.getElementById("expired").showModal();
  throw { kind: said.error ?? "broken", text: said.text ?? `Máy chủ báo lỗi ${answer.status}.` };
}

function nextTheme(button) {
  const names = Object.keys(THEMES);
  const now = kept.get("console-theme") || "auto";
  const next = names[(names.indexOf(now) + 1) % names.length];
  kept.set("console-theme", next);
  if (next === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  say(`Giao diện: ${THEMES[next]}`);
  button.title = `Giao diện: ${THEMES[next]}`;
}

for (const button of document.querySelectorAll("[data-theme-toggle]")) {
  button.addEventListener("click", () => nextTheme(button));
}
