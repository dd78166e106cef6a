// An exercise without loading the whole page again: the same question to the server, and only the
// exercise is put in its place. When that does not work, the form does what it does without scripts.

const ANSWER_MS = 15_000;

async function ask(exercise, address) {
  const answer = await fetch(address, {
    headers: { accept: "text/html" },
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const next = answer.ok && !answer.redirected && page.getElementById(exercise.id);
  if (!next) throw new Error("no exercise in the answer");
  exercise.replaceWith(next);
  history.replaceState(history.state, "", address);
  keep(address.search);
  return next;
}

/** Whoever changes the language of the course or of the pages finds their answer again. */
function keep(search) {
  for (const next of document.querySelectorAll('form.languages input[name="next"]')) {
    next.value = location.pathname + search;
  }
  for (const link of document.querySelectorAll(".course-language a")) {
    const asked = new URLSearchParams(search);
    asked.set("lang", link.hreflang);
    link.search = asked;
  }
}

/** Where the keyboard goes on: at the thing that was moved, or at what was said of the answer. */
function focusIn(exercise, pressed) {
  const same = exercise.querySelector(`button[name="move"][value="${CSS.escape(pressed?.value ?? "")}"]`);
  const other = same?.parentElement.querySelector('button:not([aria-disabled="true"])');
  const again = same?.getAttribute("aria-disabled") === "true" ? other : same;
  (again ?? exercise.querySelector("[data-verdict]"))?.focus();
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-exercise]")) return;
  event.preventDefault();
  const query = new URLSearchParams(new FormData(form));
  const pressed = event.submitter;
  if (pressed?.name) query.append(pressed.name, pressed.value);
  const address = new URL(form.action);
  address.search = query;
  try {
    focusIn(await ask(form.closest("section"), address), pressed);
  } catch {
    location.assign(address);
  }
});

// A place in the picture is the same choice as in the list below it.

document.addEventListener("click", (event) => {
  const spot = event.target.closest?.("[data-spot]");
  if (!spot) return;
  const choice = spot.closest("form").querySelector(`input[value="${CSS.escape(spot.dataset.spot)}"]`);
  choice.checked = true;
  choice.dispatchEvent(new Event("change", { bubbles: true }));
});

document.addEventListener("change", (event) => {
  for (const spot of event.target.form?.querySelectorAll("[data-spot]") ?? []) {
    spot.classList.toggle("chosen", spot.dataset.spot === event.target.value);
  }
});

// What is chosen and not yet checked.

document.addEventListener("change", ({ target }) => {
  const form = target.form;
  if (form?.matches("[data-exercise]")) keep(`?${new URLSearchParams(new FormData(form))}`);
});
