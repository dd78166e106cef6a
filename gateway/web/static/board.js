// The planning board without loading it anew: dragging, and links and forms of #live that are asked for here.
//
// Everything is a link or a form that works without this file. What a slot says to what is dragged comes from the
// page on which it is in hand; so there is one place that knows the rules, and it is not here.

import { seen } from "./session.js";

const ANSWER_MS = 15_000;
const news = document.querySelector("#news");
const live = () => document.querySelector("#live");
let dragged = null; // {source, page}: what is dragged, and the page on which it is in hand

/** A page of ours, or null when it is not one: then the browser goes there itself. */
async function ask(address, form) {
  const answer = await fetch(address, {
    method: form ? "POST" : "GET",
    body: form && new URLSearchParams(form),
    headers: { accept: "text/html" },
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  seen();
  const told = new DOMParser().parseFromString(await answer.text(), "text/html");
  return told.querySelector("#live") && { told, address: answer.url };
}

/** Show a page in the place of what is here, and say what is new on it. `focus`: where one goes on. */
function show({ told, address }, focus, instead) {
  const scrolled = document.querySelector(".need-list")?.scrollTop;
  live().replaceWith(told.querySelector("#live"));
  document.title = told.title;
  if (instead) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  const list = document.querySelector(".need-list");
  if (list && scrolled) list.scrollTop = scrolled;
  say([...live().querySelectorAll("[data-news] p")].map((each) => each.textContent.trim()).join(" "));
  const place = focus.map((id) => id && document.getElementById(id)).find(Boolean) ?? document.querySelector("#main");
  place.focus({ preventScroll: place.id === "main" });
  lead();
}

function say(words) {
  news.textContent = "";
  setTimeout(() => (news.textContent = words.replace(/\s+/g, " ")), 50);
}

async function go(address, focus) {
  live().setAttribute("aria-busy", "true");
  try {
    const page = await ask(address);
    if (page) return show(page, focus);
  } catch {
    // Nobody answers: the browser says so in its own way.
  }
  location.assign(address);
}

async function send(form, focus) {
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  try {
    const page = await ask(form.action, new FormData(form));
    if (page) return show({ ...page, address: kept(page.address) }, focus, true);
  } catch {
    // The same command, sent again by the form itself, has its effect once.
  }
  if (!form.isConnected) { // what a drop was told stands in no page, and is not sent from there
    form.hidden = true;
    document.body.append(form);
  }
  form.submit();
}

/** A refused form is answered where it was sent to; the address that shows the week stays. */
function kept(address) {
  return address.includes("?") ? address : location.href;
}

// --- links and forms ---

document.addEventListener("click", (event) => {
  const link = event.target.closest("#live a[data-pick], #live a[data-go]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  if (link.dataset.pick) return go(link.href, ["hand"]);
  go(link.href, [link.id, "week-after", "week-before"]);
});

document.addEventListener("submit", (event) => {
  const form = event.target.closest("#live form[method=post]");
  if (!form) return;
  event.preventDefault();
  send(form, ["undo"]);
});

addEventListener("popstate", () => location.reload());

// --- by keyboard: arrows lead from slot to slot that can take what is in hand, Escape puts it down ---

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

document.addEventListener("keydown", (event) => {
  const down = document.querySelector("#put-down");
  if (!down || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "Escape") return go(down.href, [from()]);
  const puts = [...document.querySelectorAll("[data-put]")];
  const step = STEPS[event.key];
  const at = puts.indexOf(document.activeElement);
  if (!step || !puts.length || (at < 0 && document.activeElement.id !== "hand")) return;
  event.preventDefault();
  puts[at < 0 ? (step > 0 ? 0 : puts.length - 1) : (at + step + puts.length) % puts.length].focus();
});

/** The link with which what is in hand was picked up. */
function from() {
  const hand = new URL(location.href).searchParams.get("hand");
  sessionStorage.setItem("put-down", hand ?? "");
  return "put-down";
}

/** After something was put down: back to where it was picked up. */
function lead() {
  const hand = sessionStorage.getItem("put-down");
  sessionStorage.removeItem("put-down");
  if (hand && !document.querySelector("#hand")) document.querySelector(`[data-pick="${CSS.escape(hand)}"]`)?.focus();
}

// --- by dragging ---

document.addEventListener("dragstart", (event) => {
  const source = event.target.closest?.("a[data-pick]");
  if (!source) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", source.textContent.trim());
  const page = ask(source.href).catch(() => null);
  dragged = { source, page, told: null };
  const mine = dragged;
  page.then((answer) => {
    if (mine !== dragged || !answer) return;
    mine.told = answer;
    mark(answer.told);
  });
});

/** Show on each slot what it says to what is dragged; nothing is put in the place of what the pointer holds. */
function mark(told) {
  live().classList.add("holding");
  for (const slot of document.querySelectorAll("[data-slot]")) {
    const there = told.querySelector(`[data-slot="${slot.dataset.slot}"]`);
    if (!there) continue;
    slot.dataset.was = slot.className;
    slot.className = there.className;
    const words = [...there.querySelectorAll("[data-verdict] p")].map((each) => each.cloneNode(true));
    slot.querySelector("[data-verdict]").replaceChildren(...words);
  }
}

const slotAt = (event) => dragged && event.target.closest?.("[data-slot]");

document.addEventListener("dragover", (event) => {
  const slot = slotAt(event);
  for (const each of document.querySelectorAll(".target, .no-target")) {
    if (each !== slot) each.classList.remove("target", "no-target");
  }
  if (!slot) return;
  const may = !dragged.told || slot.matches(".fits, .yields");
  slot.classList.add(may ? "target" : "no-target");
  if (may) {
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
  }
});

document.addEventListener("drop", async (event) => {
  const slot = slotAt(event);
  if (!slot) return;
  event.preventDefault();
  const { source, page } = dragged;
  dragged = null;
  const answer = await page;
  if (!answer) return location.assign(source.href);
  const there = answer.told.querySelector(`[data-slot="${slot.dataset.slot}"]`);
  const form = there?.querySelector("form.put");
  if (form && there.matches(".fits")) return send(document.adoptNode(form), ["undo"]);
  // Against a rule, or not at all: what is in hand stays there, and the slot says why.
  show(answer, [`put-${slot.dataset.slot}`, "hand"]);
  if (there) say(there.querySelector("[data-verdict]").textContent.trim());
});

document.addEventListener("dragend", () => {
  if (!dragged) return;
  dragged = null;
  go(location.href, []);
});
