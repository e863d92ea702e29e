// Several answers as one text: added one by one, shown at the bottom, copied together.

import { copy, framed } from "./copying.js";
import { say } from "./console.js";

const box = document.getElementById("stack");
const list = document.getElementById("stack-items");
const MOST = 20;
let items = [];

/** Add an answer: {title, text, item}, where `item` is what the log needs. */
export function add(entry) {
  if (items.length >= MOST) return say(`Bài ghép đã đủ ${MOST} câu.`, { bad: true });
  items.push(entry);
  draw();
  say(`Đã ghép ${items.length} câu. Ctrl+Shift+Enter để chép cả bài.`);
}

export async function copyAll() {
  if (!items.length) return say("Bài ghép chưa có câu nào. Bấm a để thêm.");
  const text = items.map((one) => `${one.title}\n${one.text}`).join("\n\n———\n\n");
  const logged = items.map((one) => one.item);
  if (await copy(framed(text), logged, `bài ghép ${items.length} câu`)) {
    items = [];
    draw();
  }
}

function draw() {
  box.hidden = items.length === 0;
  document.getElementById("stack-count").textContent = `${items.length} câu`;
  list.replaceChildren(...items.map((one, at) => {
    const line = document.createElement("li");
    const name = document.createElement("span");
    name.textContent = one.title;
    const out = document.createElement("button");
    out.type = "button";
    out.setAttribute("aria-label", `Bỏ ${one.title} khỏi bài ghép`);
    out.innerHTML = '<svg class="icon" aria-hidden="true"><use href="#i-close"/></svg>';
    out.addEventListener("click", () => { items.splice(at, 1); draw(); });
    line.append(name, out);
    return line;
  }));
}

document.getElementById("stack-clear").addEventListener("click", () => { items = []; draw(); });
document.getElementById("stack-copy").addEventListener("click", copyAll);
