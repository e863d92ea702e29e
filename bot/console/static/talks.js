// The list of conversations by keyboard: j and k move, Enter opens (the links do that themselves).

function move(step) {
  const lines = [...document.querySelectorAll(".talk")];
  const at = lines.indexOf(document.activeElement);
  const next = at < 0 ? 0 : Math.min(Math.max(at + step, 0), lines.length - 1);
  lines[next]?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input, select, textarea")) return;
  if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else return;
  event.preventDefault();
});

// A chosen filter holds at once; the button is for browsers without scripts.
for (const select of document.querySelectorAll(".filters select")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}
