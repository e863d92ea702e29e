// From an answer's text to the clipboard: frame, blanks, and the log.

import { kept, post, say } from "./console.js";

const BLANK = /\[(?!CCCD|CMND|SĐT|EMAIL|MÃ SỐ|SỐ THẺ)([^[\]\n]{2,40})\]/g;
// The colleague's own name and office are the same all day; a citizen's name is never kept.
const REMEMBERED = new Set(["tên cán bộ", "đơn vị"]);
const filled = new Map();

/** The text with greeting and signature, if wanted. */
export function framed(text) {
  if (kept.get("console-frame") !== "1") return text;
  return document.getElementById("frame").innerHTML.replace("{text}", () => text);
}

/** What is still to be filled in, in reading order, once each. */
export function blanksOf(text) {
  return [...new Set([...text.matchAll(BLANK)].map((found) => found[1]))];
}

export function valueOf(blank) {
  return filled.get(blank) ?? (REMEMBERED.has(blank) ? kept.get(`console-blank-${blank}`) : "");
}

export function fill(blank, value) {
  filled.set(blank, value);
  if (REMEMBERED.has(blank)) kept.set(`console-blank-${blank}`, value);
}

/** The text with its blanks filled as far as they are. */
export function complete(text) {
  return text.replace(BLANK, (whole, blank) => valueOf(blank).trim() || whole);
}

/** A labelled field for each blank; `changed` is called at every key. */
export function fields(blanks, changed) {
  const box = document.createElement("fieldset");
  box.className = "blanks";
  const legend = document.createElement("legend");
  legend.textContent = "Điền trước khi chép";
  const row = document.createElement("div");
  row.append(...blanks.map((blank) => {
    const label = document.createElement("label");
    const field = document.createElement("input");
    label.textContent = blank;
    field.dataset.blank = blank;
    field.autocomplete = "off";
    field.value = valueOf(blank);
    field.addEventListener("input", () => { fill(blank, field.value); changed(); });
    label.append(field);
    return label;
  }));
  box.append(legend, row);
  return box;
}

/** Show a text with its open blanks marked. */
export function show(element, text) {
  element.textContent = "";
  let at = 0;
  for (const found of complete(text).matchAll(BLANK)) {
    const whole = complete(text);
    const mark = document.createElement("mark");
    mark.textContent = found[0];
    element.append(whole.slice(at, found.index), mark);
    at = found.index + found[0].length;
  }
  element.append(complete(text).slice(at));
}

/** Put a text on the clipboard and log what it holds. False when a blank is still open. */
export async function copy(text, items, name) {
  const open = blanksOf(text).filter((blank) => !valueOf(blank).trim());
  if (open.length) {
    say(`Còn chỗ trống cần điền: ${open.join(", ")}.`, { bad: true });
    document.querySelector(`[data-blank="${CSS.escape(open[0])}"]`)?.focus();
    return false;
  }
  if (!await toClipboard(complete(text))) {
    say("Trình duyệt không cho chép. Anh/chị bôi đen chữ rồi bấm Ctrl+C.", { bad: true });
    return false;
  }
  say(`Đã chép: ${name}`);
  try {
    await post("/copies", { items });
  } catch (error) {
    say(`Đã chép, nhưng chưa ghi được nhật ký. ${error.text ?? ""}`, { bad: true });
  }
  return true;
}

async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without https the new way is closed; the old one needs a field that holds the text.
    const field = document.createElement("textarea");
    const before = document.activeElement;
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    before?.focus();
    return done;
  }
}
