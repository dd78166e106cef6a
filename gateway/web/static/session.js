// Nobody is signed out unwarned: five minutes before a session ends, the page says so and offers to stay.
//
// The server counts from the last request in any tab. A page knows of its own and of those that other tabs tell it.

const WARNED_MS = 5 * 60_000;
const LOOK_MS = 10_000;
const ANSWER_MS = 15_000;

const box = document.getElementById("session-end");
const others = new BroadcastChannel("parcours-session");
const until = Date.now() + 1_000 * (box?.dataset.whole ?? 0);
let asked = Date.now();

/** The server just answered somebody who is signed in. */
export function seen() {
  asked = Date.now();
  others.postMessage("seen");
  look();
}

/** How it stands: nothing to say, soon over for one of two reasons, or over. */
function standing() {
  const idle = asked + 1_000 * box.dataset.idle - Date.now();
  const whole = until - Date.now();
  if (Math.min(idle, whole) <= 0) return "over";
  if (whole <= WARNED_MS) return "whole";
  return idle <= WARNED_MS ? "idle" : "";
}

function look() {
  const now = box && standing();
  if (!box || box.dataset.shown === now) return;
  box.dataset.shown = now;
  box.hidden = !now;
  for (const each of box.querySelectorAll("[data-ends]")) each.hidden = each.dataset.ends !== now;
}

async function stay() {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const answer = await fetch("/api/v1/me", { headers: { accept: "application/json" }, cache: "no-store", signal });
    if (answer.ok) seen();
    else if (answer.status === 401) location.reload();
  } catch {
    // Nobody answers at the moment: the offer stays, and can be taken again.
  }
}

if (box) {
  others.onmessage = () => {
    asked = Date.now();
    look();
  };
  box.querySelector("[data-stay]").addEventListener("click", stay);
  document.addEventListener("visibilitychange", look); // a PC that slept
  setInterval(look, LOOK_MS);
  seen();
}
