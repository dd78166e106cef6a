// The forms of a learner's steps, and the line that says what became of them.
//
// A form is kept first and sent then (`queue.js`); its page goes on when the server answered. Where the
// browser cannot keep anything, the form is sent as without scripts.

import { Clock } from "./clock.js";
import { canKeep, openDrawer } from "./drawer.js";
import { keepDraft, showReview, toReview } from "./drafts.js";
import { Queue } from "./queue.js";

const FORMS = "form[data-steps], form[data-answers]";
const ARRIVED_MS = 3_000;
const SIGN_OUT_MS = 2_000;
const QUIET = new Set(["saved", "saving"]);
const TOO_LATE = new Set(["record-completed", "quiz-not-open", "attempts-exhausted"]); // the next page says it

const line = document.getElementById("keeping");
const { person, csrf } = document.documentElement.dataset;
const plain = new WeakSet(); // forms that go as without scripts
const adding = new Set(); // steps that are not on the disk yet
let underWay = null; // {commands, next}: the page goes on to `next` when these are answered
let leaving = false;
let warned = false; // whoever signs out with steps that wait is told once where they stay

if (line && person && canKeep()) start();

async function start() {
  const clock = new Clock(line.dataset.now);
  const opening = openDrawer(person, line.dataset.key, clock).then((drawer) => {
    const queue = new Queue(drawer, clock, csrf, (how) => show(drawer, queue, how));
    return { drawer, queue };
  });
  document.addEventListener("submit", (event) => onSubmit(event, opening, clock));
  window.addEventListener("pagehide", sendUnkept);
  window.addEventListener("pageshow", ({ persisted }) => persisted && location.reload()); // Back: as things stand
  try {
    await arrive(await opening);
  } catch (error) {
    console.warn("steps are not kept in this browser:", error.name);
  }
}

/** Listen, bring back a draft, and send what waits from before. */
async function arrive({ drawer, queue }) {
  for (const [target, name] of [[window, "online"], [document, "visibilitychange"]]) {
    target.addEventListener(name, () => document.hidden || queue.send());
  }
  line.addEventListener("click", async ({ target }) => {
    if (target.closest("[data-again]")) queue.send();
    const forgotten = target.closest("[data-forget]")?.dataset.forget;
    if (forgotten) queue.forget(await drawer.steps(forgotten));
  });
  await Promise.allSettled([...document.querySelectorAll(FORMS)].map((form) => {
    const handingIn = stepsOf(form).find(({ type }) => type === "progress.submit_quiz");
    return form.matches("[data-answers]") ? keepDraft(drawer, form) : handingIn && showReview(drawer, handingIn);
  }));
  const before = await drawer.steps("waiting");
  const here = before.filter(({ page }) => page === location.pathname);
  if (here.length) go(here, here.at(-1).next);
  await queue.send();
  const gone = before.length > 0 && (await drawer.count("waiting")) === 0;
  const fresh = performance.now() < ARRIVED_MS && !underWay && !leaving;
  if (gone && fresh) location.reload(); // it shows how things stood before
}

async function onSubmit(event, opening, clock) {
  const form = event.target;
  const { submitter } = event;
  if (plain.has(form)) return;
  if (form.getAttribute("action") === "/sign-out") return onSignOut(event, opening);
  if (!form.matches(FORMS)) return;
  event.preventDefault();
  if (form.getAttribute("aria-busy") === "true") return;
  if (form.matches("[data-answers]") && submitter?.name !== "language") return onReview(form, submitter, opening);
  form.setAttribute("aria-busy", "true");
  const entries = entriesOf(form, submitter, new Date(clock.now()).toISOString());
  adding.add(entries);
  try {
    const { queue } = await opening;
    const added = await queue.add(entries);
    adding.delete(entries);
    go(added, nextOf(added) ?? entries.at(-1).next);
    await queue.send();
  } catch (error) {
    console.warn("a step is sent without being kept:", error.name);
    adding.delete(entries);
    goPlain(form, submitter);
  }
}

/** Answers are kept already; nothing is recorded by looking at them. */
async function onReview(form, submitter, opening) {
  const { queue } = await opening.catch(() => ({}));
  if (!queue) goPlain(form, submitter);
  else if (!(await toReview(form))) queue.say("unreachable");
}

/** A last try before somebody else sits down. What still waits stays here, sealed, for who signs out; who is told,
 *  and presses again. */
async function onSignOut(event, opening) {
  event.preventDefault();
  underWay = null; // an answer that comes now must not lead on instead of out
  leaving = true;
  const { queue, drawer } = await soon(opening, {});
  await soon(queue?.send());
  if (warned || !(await soon(drawer?.count("waiting")))) return goPlain(event.target, event.submitter);
  warned = true;
  await queue.say("away");
}

/** What was promised; `otherwise`, when it fails or takes long: whatever happens to the disk, one gets out. */
function soon(promised, otherwise) {
  const late = new Promise((resolve) => setTimeout(resolve, SIGN_OUT_MS, otherwise));
  return Promise.race([promised, late]).catch(() => otherwise);
}

/** Send a form as without scripts; not while its own event is still under way, when browsers ignore that. */
function goPlain(form, submitter) {
  plain.add(form);
  setTimeout(() => form.requestSubmit(submitter));
}

/** What is kept of a form: its steps with their time and with what was chosen, as the server reads it without
 *  scripts; and where its page goes on. */
function entriesOf(form, submitter, at) {
  const told = new FormData(form, submitter);
  const names = [...new Set(told.keys())].filter((name) => name.startsWith("answer-"));
  const answers = Object.fromEntries(names.map((name) => [name.slice("answer-".length), told.getAll(name)]));
  const language = told.get("language");
  const next = told.get("next") ?? location.pathname;
  return stepsOf(form).map((step) => ({
    step: {
      ...step,
      occurred_at: at,
      ...(language && "language" in step && { language }),
      ...(step.type === "progress.submit_quiz" && { answers }),
    },
    page: location.pathname,
    next,
  }));
}

function stepsOf(form) {
  return JSON.parse(form.elements.steps.value);
}

/** A test that was handed in, also one that was left behind, leads to its result. */
function nextOf(entries) {
  return entries.find(({ step }) => step.type === "progress.submit_quiz")?.next;
}

function go(entries, next) {
  underWay = { commands: entries.map(({ step }) => step.command_id), next };
}

/** The tab closes between the press of a button and the disk: the browser still sends what it was given. */
function sendUnkept() {
  for (const entries of adding) {
    const body = JSON.stringify({ commands: entries.map(({ step }) => step) });
    const headers = { "content-type": "application/json", "x-csrf-token": csrf };
    fetch("/api/v1/me/commands", { method: "POST", headers, body, keepalive: true });
  }
}

/** Say how things stand, and go on when what was under way is answered. */
async function show(drawer, queue, { state, waiting, left, refused }) {
  if (state === "somebody-else") return location.replace("/"); // what is open here is not theirs to see
  if (underWay && (await goOn(drawer, queue))) return;
  const shown = refused ? "refused" : QUIET.has(state) && left ? "left" : state;
  const again = shown === "saved" && line.dataset.troubled === "true";
  if (shown === "refused") tell((await drawer.steps("refused")).map(({ sentence }) => sentence));
  if (shown === "left") lead((await drawer.steps("left"))[0].step.record_id);
  for (const each of line.querySelectorAll("[data-state]")) {
    for (const words of each.querySelectorAll("[data-one]")) count(words, shown === "left" ? left : waiting);
    for (const words of each.querySelectorAll("[data-under-way]")) words.hidden = !underWay || warned;
    for (const words of each.querySelectorAll("[data-warned]")) words.hidden = !warned;
    each.hidden = each.dataset.state !== (again ? "saved-again" : shown);
  }
  if (!QUIET.has(shown)) line.dataset.troubled = "true";
  line.dataset.shown = shown;
  line.hidden = QUIET.has(shown) && !again && !document.querySelector(FORMS);
}

/** Whether the page is left now. "Go on here" stands on the next page; a refusal is read on this one. */
async function goOn(drawer, queue) {
  const { commands, next } = underWay;
  const states = await drawer.states(commands);
  if (states.includes("waiting")) return false;
  const refused = (await drawer.steps("refused")).filter(({ step }) => commands.includes(step.command_id));
  underWay = null;
  if (refused.some(({ rule }) => !TOO_LATE.has(rule))) {
    document.querySelectorAll(FORMS).forEach((form) => form.removeAttribute("aria-busy"));
    return false;
  }
  if (refused.length) await queue.forget(refused);
  leaving = true;
  location.assign(next.startsWith("/") && !next.startsWith("//") ? next : "/");
  return true;
}

/** To where one goes on; this page itself may be the place. */
function lead(record) {
  const sits = [...document.querySelectorAll("form[data-steps]")].some((form) =>
    stepsOf(form).some(({ type }) => type === "progress.start_session"));
  const link = line.querySelector("[data-here]");
  link.href = `/learn/${record}`;
  link.hidden = sits;
}

/** Why steps were refused, each sentence once. */
function tell(sentences) {
  const items = [...new Set(sentences)].map((words) => {
    const item = document.createElement("li");
    item.textContent = words;
    return item;
  });
  line.querySelector("[data-refusals]").replaceChildren(...items);
}

/** "1 step", "3 steps": the page brings both forms. */
function count(words, number) {
  const kind = new Intl.PluralRules(document.documentElement.lang).select(number);
  const said = (kind === "one" ? words.dataset.one : words.dataset.other).replace("{n}", number);
  if (words.textContent !== said) words.textContent = said;
}
