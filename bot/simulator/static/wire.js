// The panel for developers: every webhook body and every call of the sender, as they were.

import { $, clock, make } from "./dom.js";

const KEPT = 100;
let shown = "zalo";

function block(title, text) {
  return [make("h4", "", title), make("pre", "", text)];
}

export function addWire(entry, title, bad) {
  const { exchange, at, ref } = entry;
  const article = make("article");
  article.dataset.channel = entry.channel;
  if (ref) article.dataset.ref = ref;
  const heading = make("h3", "", title);
  heading.append(clock(at, true));
  const verdict = bad ? "API giả lập từ chối" : exchange.answer ? "API giả lập đã nhận" : "Đang gửi";
  const result = make("p", bad ? "result bad" : "result", verdict);
  const head = Object.entries(exchange.headers).map(([name, value]) => `${name}: ${value}`);
  article.append(heading, result);
  article.append(...block("Yêu cầu", [`${exchange.method} ${exchange.url}`, ...head].join("\n")));
  article.append(...block("Nội dung nguyên văn", exchange.body));
  try {
    const readable = make("details");
    const pretty = JSON.stringify(JSON.parse(exchange.body), null, 2);
    readable.append(make("summary", "", "Dạng dễ đọc"), make("pre", "", pretty));
    article.append(readable);
  } catch { /* not JSON: the raw text above says it all */ }
  if (exchange.answer) article.append(...block("API giả lập trả lời", exchange.answer));
  $("wire-items").prepend(article);
  while ($("wire-items").childElementCount > KEPT) $("wire-items").lastElementChild.remove();
  filterWire();
}

export function noteReceipt({ ref, status, milliseconds }, ok) {
  const result = document.querySelector(`#wire-items [data-ref="${CSS.escape(ref)}"] .result`);
  if (!result) return;
  result.classList.toggle("bad", !ok);
  result.textContent = status ? `Trả lời ${status} sau ${milliseconds} ms` : "Không có trả lời";
}

export function dropWire(of) {
  for (const article of [...$("wire-items").children]) {
    if (!of || article.dataset.channel === of) article.remove();
  }
  filterWire();
}

export function filterWire(of = shown) {
  shown = of;
  const articles = [...$("wire-items").children];
  for (const article of articles) article.hidden = article.dataset.channel !== shown;
  document.querySelector(".wire-empty").hidden = articles.some((article) => !article.hidden);
}
