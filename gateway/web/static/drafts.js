// Answers of a test that was not handed in yet: kept while they are given, back when its page opens again.
//
// A draft belongs to a person, a record and an attempt. It is deleted once the attempt was handed in, here
// (`queue.js`) or, since a page of a later attempt then opens, on another PC. Answers that are kept do not
// travel in addresses, as they do without scripts: a browser's history would show them to the next person.

const ANSWER = "answer-";
const ANSWER_MS = 15_000;

/** Keep what is chosen in the form of an attempt, and bring back what was chosen before. */
export async function keepDraft(drawer, form) {
  const name = nameOf(form);
  const kept = await drawer.draft(name);
  await drawer.dropDrafts(name.slice(0, name.indexOf("/") + 1), name);
  if (kept) bringBack(form, kept);
  const changed = new Set();
  form.addEventListener("change", ({ target }) => {
    if (!target.name?.startsWith(ANSWER)) return;
    if (!changed.size) keep(drawer, name, form, changed);
    changed.add(target.name);
  });
}

/** `record/attempt`: the form says both. */
function nameOf(form) {
  return `${/^\/learn\/([^/]+)\//.exec(form.getAttribute("action"))[1]}/${form.dataset.answers}`;
}

/** Look at the answers again: to the page that shows them. Resolves to false when it cannot be had. */
export async function toReview(form) {
  const address = form.getAttribute("action").replace(/answers$/, "review");
  await navigator.locks.request(`parcours-draft-${nameOf(form)}`, () => {}); // the last answer is kept first
  const answer = await page(address).catch(() => null);
  if (answer?.ok) location.assign(address);
  return Boolean(answer?.ok);
}

/** On that page: what is kept here, told by the server as if it had been asked for in the address. */
export async function showReview(drawer, { record_id: record, attempt }) {
  const kept = location.search ? null : await drawer.draft(`${record}/${attempt}`);
  if (!kept) return;
  const given = Object.entries(kept).flatMap(([name, options]) => options.map((option) => [name, option]));
  const answer = await page(`${location.pathname}?${new URLSearchParams(given)}`);
  const main = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
  if (!answer.ok || !main) return;
  main.querySelector("#keeping")?.replaceWith(document.getElementById("keeping"));
  main.querySelectorAll(`a[href*="?${ANSWER}"]`).forEach((link) => (link.search = ""));
  main.querySelectorAll(`input[name="next"][value*="?${ANSWER}"]`).forEach((next) => (next.value = location.pathname));
  document.querySelector("main").replaceWith(main);
}

/** The questions that changed, and no others: two tabs with the same test do not wipe each other's answers. */
function keep(drawer, name, form, changed) {
  return navigator.locks.request(`parcours-draft-${name}`, async () => {
    const kept = { ...(await drawer.draft(name)) };
    const told = new FormData(form);
    changed.forEach((question) => (kept[question] = told.getAll(question)));
    changed.clear();
    await drawer.keepDraft(name, kept);
  });
}

function page(address) {
  return fetch(address, { headers: { accept: "text/html" }, signal: AbortSignal.timeout(ANSWER_MS) });
}

function bringBack(form, kept) {
  for (const input of form.elements) {
    if (input.name in kept) input.checked = kept[input.name].includes(input.value);
  }
}
