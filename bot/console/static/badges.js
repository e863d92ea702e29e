// The numbers beside the navigation, asked for now and then while the page is looked at.

const EVERY = 30_000;
const { prefix } = document.body.dataset;

/** Show the numbers, by page name. */
export function showBadges(numbers) {
  for (const [name, number] of Object.entries(numbers)) {
    for (const badge of document.querySelectorAll(`[data-badge="${name}"]`)) {
      badge.textContent = number > 99 ? "99+" : String(number);
      badge.hidden = !number;
    }
  }
}

/** GET JSON; an ended session opens the dialog of the page. */
export async function get(path) {
  const answer = await fetch(prefix + path, { headers: { Accept: "application/json" } });
  if (answer.status === 401) document.getElementById("expired").showModal();
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function refresh() {
  if (document.hidden || document.getElementById("expired").open) return;
  // Without a connection the numbers stay as they are.
  try { showBadges(await get("/badges")); } catch { /* the next time, perhaps */ }
}

setInterval(refresh, EVERY);
document.addEventListener("visibilitychange", refresh);
