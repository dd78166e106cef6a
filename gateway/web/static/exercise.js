// An exercise without loading the whole page again: the same question to the server, and only the
// exercise is put in its place. When that does not work, the form does what it does without scripts.

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-exercise]") || event.defaultPrevented) return;
  event.preventDefault();
  const pressed = event.submitter;
  const query = new URLSearchParams(new FormData(form));
  if (pressed?.name) query.append(pressed.name, pressed.value);
  const address = new URL(form.action);
  address.search = query;
  const exercise = form.closest("section");
  try {
    const answer = await fetch(address, { headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = answer.ok && page.getElementById(exercise.id);
    if (!next) throw new Error("no exercise in the answer");
    exercise.replaceWith(next);
    history.replaceState(history.state, "", address);
    const again = next.querySelector(`button[name="move"][value="${CSS.escape(pressed?.value ?? "")}"]`);
    (again ?? next.querySelector("[data-verdict]"))?.focus();
  } catch {
    location.assign(address);
  }
});
