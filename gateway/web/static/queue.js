// Sends what waits in a drawer, in order and as often as it takes, and keeps it until it was answered.
//
// The server does a step once, however often it is sent with its `command_id`: so after a lost answer, a
// closed tab or a restarted server everything that is still here is simply sent again. One tab sends at
// a time, or a later step could overtake an earlier one.

const ADDRESS = "/api/v1/me/commands";
const STEPS_AT_ONCE = 100; // the server takes 500 in one mebibyte
const ALIVE_BYTES = 60_000; // browsers finish a request of up to 64 KiB after its tab was closed
const ANSWER_MS = 15_000;
const PAUSES_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];
const IN_THE_WAY = new Set(["offline", "away", "signed-out"]);
const SITTING_OVER = new Set(["session-abandoned", "session-ended", "session-missing"]);

export class Queue {
  #drawer;
  #clock;
  #csrf;
  #tell;
  #failures = 0;
  #timer;
  #last = "saved";
  #others = new BroadcastChannel("parcours-steps");

  /** `tell({state, waiting, left, refused})` hears how things stand: "saved", "saving", "offline", "away",
   *  "signed-out", or "somebody-else" as soon as another person's page opens in this browser. */
  constructor(drawer, clock, csrf, tell) {
    this.#drawer = drawer;
    this.#clock = clock;
    this.#csrf = csrf;
    this.#tell = tell;
    this.#others.onmessage = ({ data }) => this.say(data === drawer.person ? this.#last : "somebody-else");
    this.#others.postMessage(drawer.person);
  }

  /** Keep the steps of a page. They are entries `{step, page, next}`; resolves, when they are on the disk, to all
   *  that were added: whoever sits down again brings along what was left behind. */
  async add(entries) {
    const sitting = entries.find(({ step }) => step.type === "progress.start_session")?.step;
    const behind = sitting ? await this.#leftBehind(sitting) : [];
    const added = [...entries, ...behind.map((each) => each.anew)];
    await this.#drawer.add(added, behind.map((each) => each.old));
    return added;
  }

  /** Send what waits until nothing does, or until something is in the way; then try again after a while. */
  async send() {
    clearTimeout(this.#timer);
    let state = "saved";
    await navigator.locks.request(`parcours-steps-${this.#drawer.person}`, async () => {
      while (state === "saved") {
        const batch = await this.#drawer.steps("waiting", STEPS_AT_ONCE);
        if (!batch.length) break;
        if (!this.#failures) await this.say("saving");
        state = await this.#deliver(batch);
        this.#others.postMessage(this.#drawer.person);
      }
    });
    if (state === "saved") this.#failures = 0;
    if (state === "offline" || state === "away") this.#later();
    await this.say(state);
  }

  /** Forget these entries: their owner has read why they were refused, or needs them no more. */
  async forget(entries) {
    await this.#drawer.settle(entries.map((entry) => ({ entry })));
    await this.say("saved");
  }

  /** What was done in a sitting that is over belongs to the next one of that record: with new ids, since the
   *  old ones were answered, and the time at which it happened. */
  async #leftBehind(sitting) {
    const left = await this.#drawer.steps("left");
    return left
      .filter(({ step }) => step.record_id === sitting.record_id)
      .map((old) => {
        const { command_id: _, ...step } = old.step;
        const ids = { command_id: crypto.randomUUID(), session_id: sitting.session_id };
        return { old, anew: { step: { ...step, ...ids }, page: null, next: old.next } };
      });
  }

  /** Send one batch and write down what became of it; "saved" when the next may follow. */
  async #deliver(batch) {
    let answer, told;
    try {
      answer = await this.#post(batch.map(({ step }) => step));
      told = await answer.json();
    } catch {
      return answer ? "away" : "offline";
    }
    if (answer.ok) return this.#settle(batch, told.results);
    if (answer.status === 401) return "signed-out";
    if (told.command_id) return this.#settle(batch, [{ ...told, outcome: "refused", sentence: told.detail }]);
    if (answer.status === 403) return this.#whoIsHere();
    if (answer.status === 422) return this.#setAside(batch, told, answer);
    return "away";
  }

  async #settle(batch, results) {
    const became = new Map(results.map((each) => [each.command_id, each]));
    const changes = [];
    for (const entry of batch) {
      const { outcome, rule, sentence, status } = became.get(entry.step.command_id) ?? {};
      if (outcome === "accepted" || outcome === "duplicate") {
        await this.#stands(entry.step);
        changes.push({ entry });
      } else if (outcome !== "refused" || status === 503) continue; // not answered: it stays and goes again
      else if (!SITTING_OVER.has(rule)) changes.push({ entry: { ...entry, rule, sentence }, state: "refused" });
      else if ("course_version" in entry.step) changes.push({ entry, state: "left" });
      else changes.push({ entry }); // it was about that sitting alone
    }
    await this.#drawer.settle(changes);
    return changes.length === batch.length ? "saved" : "away";
  }

  /** What the browser itself has to do for a step that is on record now. */
  async #stands({ type, record_id: record, session_id: session }) {
    if (type === "progress.submit_quiz") await this.#drawer.dropDrafts(`${record}/`);
    if (type === "progress.start_session") {
      const secure = location.protocol === "https:" ? "; secure" : "";
      document.cookie = `parcours_sitting=${session}; path=/learn/${record}; samesite=lax${secure}`;
    }
  }

  /** One step that cannot be read, or is too old, must not hold up the others for ever. */
  async #setAside(batch, told, answer) {
    const kind = told.type?.split("/").pop();
    const place = Number(/^commands\.(\d+)/.exec(told.errors?.[0]?.place)?.[1] ?? NaN);
    const entry = batch[place] ?? (batch.length === 1 ? batch[0] : null);
    if (kind === "time-in-future") {
      this.#clock.set(Date.parse(answer.headers.get("date")) + 999); // it tells whole seconds, and never goes back
      const now = new Date(this.#clock.now()).toISOString();
      const late = batch.filter(({ step }) => step.occurred_at > now);
      const mended = late.map((each) => ({ ...each, step: { ...each.step, occurred_at: now } }));
      await this.#drawer.settle(mended.map((each) => ({ entry: each, state: "waiting" })));
      return late.length ? "saved" : "away";
    }
    if (!entry) return batch.length > 1 ? this.#deliver(batch.slice(0, 1)) : "away";
    const refused = { ...entry, rule: kind, sentence: told.detail };
    await this.#drawer.settle([{ entry: refused, state: "refused" }]);
    return "saved";
  }

  /** Our proof was not taken: the same person signed in again elsewhere in this browser, or another did. */
  async #whoIsHere() {
    const answer = await fetch("/api/v1/me", { signal: AbortSignal.timeout(ANSWER_MS) }).catch(() => null);
    if (!answer) return "offline";
    if (answer.status === 401) return "signed-out";
    const { person_id: person, csrf } = (await answer.json().catch(() => null)) ?? {};
    if (!answer.ok || !person) return "away";
    if (person !== this.#drawer.person) return "somebody-else";
    if (csrf === this.#csrf) return "away";
    this.#csrf = csrf;
    return "saved";
  }

  #post(commands) {
    const body = JSON.stringify({ commands });
    return fetch(ADDRESS, {
      method: "POST",
      headers: { "content-type": "application/json", "x-csrf-token": this.#csrf },
      body,
      keepalive: body.length < ALIVE_BYTES,
      signal: AbortSignal.timeout(ANSWER_MS),
    });
  }

  /** After a pause that grows; not all PCs of a prison at the same moment. */
  #later() {
    const pause = PAUSES_MS[Math.min(this.#failures++, PAUSES_MS.length - 1)];
    const again = () => this.send().catch(() => this.#later()); // a disk may come to itself
    this.#timer = setTimeout(again, pause * (0.75 + Math.random() / 2));
  }

  /** How things stand, given what was just seen. */
  async say(state) {
    const [waiting, left, refused] = await Promise.all(
      ["waiting", "left", "refused"].map((each) => this.#drawer.count(each)),
    );
    if (state === "saved" && waiting) state = "saving";
    if (IN_THE_WAY.has(state) && !waiting) state = "saved"; // another tab got through
    this.#last = state;
    await this.#tell({ state, waiting, left, refused });
  }
}
