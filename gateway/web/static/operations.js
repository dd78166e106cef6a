// Looks again while somebody wants it: fetches this same page and shows its state in place of the old one.

const EVERY_MILLISECONDS = 5000;

const watch = document.querySelector("#watch");
const box = document.querySelector("#watching");
const news = document.querySelector("#news");
let timer = 0;

async function look() {
  try {
    const answer = await fetch(location.pathname, { headers: { accept: "text/html" } });
    if (answer.redirected) return location.reload();
    const told = new DOMParser().parseFromString(await answer.text(), "text/html");
    const summary = told.querySelector("#summary");
    if (!summary) return;
    const before = document.querySelector("#summary").textContent;
    const place = document.activeElement.closest("#state [aria-label]")?.ariaLabel;
    for (const id of ["#state", "#looked-at"]) document.querySelector(id).replaceWith(told.querySelector(id));
    if (place) document.querySelector(`#state [aria-label="${place}"]`)?.focus();
    if (summary.textContent !== before) news.textContent = summary.textContent.trim();
  } catch {
    // The gateway itself does not answer: the browser says so in its own words when one reloads.
    news.textContent = box.dataset.lost;
  } finally {
    if (box.checked) timer = setTimeout(look, EVERY_MILLISECONDS);
  }
}

watch.hidden = false;
box.addEventListener("change", () => {
  clearTimeout(timer);
  if (box.checked) look();
});
