// Looks again: fetches this same page, and puts what is live on it in the place of what was.
//
// #live says by `data-every` how often (milliseconds), as long as there is something to wait for. Where the page has
// a box #watching, it happens only while that is ticked. Changes of #summary are told by #news, and nothing else is.

import { seen } from "./session.js";

const ANSWER_MS = 15_000;
const box = document.querySelector("#watching");
const news = document.querySelector("#news");
let timer = 0;

function again() {
  const every = Number(document.querySelector("#live")?.dataset.every);
  clearTimeout(timer);
  if (every && (!box || box.checked)) timer = setTimeout(look, every);
}

async function look() {
  try {
    const answer = await fetch(location.href, {
      headers: { accept: "text/html" },
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (answer.redirected) return location.reload();
    seen();
    show(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    // Nobody answers at the moment: what stands here is what was known, and the next look may succeed.
    if (box) news.textContent = box.dataset.lost;
  }
  again();
}

function show(told) {
  if (!told.querySelector("#live")) return;
  const before = document.querySelector("#summary").textContent;
  const place = document.activeElement.closest("#live [aria-label]")?.ariaLabel;
  for (const id of ["#live", "#looked-at"]) {
    const fresh = told.querySelector(id);
    if (fresh) document.querySelector(id).replaceWith(fresh);
  }
  if (place) document.querySelector(`#live [aria-label="${CSS.escape(place)}"]`)?.focus();
  const summary = document.querySelector("#summary").textContent;
  if (summary !== before) news.textContent = summary.trim();
}

if (box) {
  document.querySelector("#watch").hidden = false;
  box.addEventListener("change", () => (box.checked ? look() : clearTimeout(timer)));
} else {
  again();
}
