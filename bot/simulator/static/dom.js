// Small makers of page elements. Text goes in through textContent and text nodes only.

export const $ = (id) => document.getElementById(id);

export function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

export function clock(at, withSeconds) {
  const options = { hour: "2-digit", minute: "2-digit", ...(withSeconds && { second: "2-digit" }) };
  const element = make("time", "", new Date(at).toLocaleTimeString("vi-VN", options));
  element.dateTime = new Date(at).toISOString();
  return element;
}

// Full addresses become links, and so do bare names of government sites. Nothing opens by itself.
export function withLinks(text) {
  const fragment = document.createDocumentFragment();
  const pattern = /https?:\/\/[^\s<>"“”]+|\b(?:[a-z0-9-]+\.)+gov\.vn(?:\/[^\s<>"“”]*)?/gi;
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    const shown = match[0].replace(/[.,;:!?)\]…]+$/, "");
    const link = make("a", "", shown);
    link.href = /^https?:/i.test(shown) ? shown : `https://${shown}`;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    fragment.append(text.slice(from, match.index), link);
    from = match.index + shown.length;
  }
  fragment.append(text.slice(from));
  return fragment;
}
