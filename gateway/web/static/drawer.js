// What waits on this PC: steps on their way to the record, and answers that were not handed in yet.
//
// Every entry names its owner by their random person id and is sealed (AES-GCM) with a key that the
// server tells to its owner's pages only. So on a shared PC nobody else reads an entry, sends it, or
// slips one in: a page opens the entries of the person signed in, and no others.

const NAME = "parcours";
const DRAFT_DAYS = 14;
const STEP_DAYS = 90; // the record takes steps of at most 14 days; later their owner can still be told
const DAY_MS = 24 * 60 * 60 * 1000;
const DISK_MS = 8_000; // a disk that hangs is none: who waits goes on as without one
const STRICT = { durability: "strict" }; // said to be kept: then it is on the disk

/** Whether this browser can keep and seal; some do so over https only. */
export function canKeep() {
  return Boolean(globalThis.indexedDB && globalThis.crypto?.subtle && navigator.locks);
}

/** Open the drawer of one person; `clock` tells the server's time, since a PC's own may be years off.
 *  Rejects, as everything here does, when the browser keeps nothing (private window, full disk) or does not come to it. */
export async function openDrawer(person, key, clock) {
  const secret = Uint8Array.from(atob(key), (each) => each.charCodeAt(0));
  const sealing = await crypto.subtle.importKey("raw", secret, "AES-GCM", false, ["encrypt", "decrypt"]);
  const drawer = new Drawer(await opened(), person, sealing, clock);
  await drawer.clearOld();
  return drawer;
}

class Drawer {
  #db;
  #key;
  #clock;

  constructor(db, person, key, clock) {
    this.#db = db;
    this.#key = key;
    this.#clock = clock;
    this.person = person;
  }

  /** Keep steps behind those that wait already, all or none; one that is kept already stays as it is.
   *  `instead` are entries that leave at the same moment. */
  async add(entries, instead = []) {
    const sealed = await Promise.all(entries.map((each) => this.#sealed(each.step.command_id, each)));
    const press = entries[0].step.command_id;
    const at = this.#clock.now();
    const work = this.#db.transaction("steps", "readwrite", STRICT);
    const steps = work.objectStore("steps");
    instead.forEach((entry) => steps.delete(entry.id));
    sealed.forEach((content, place) => {
      const command = entries[place].step.command_id;
      steps.add({ person: this.person, state: "waiting", command, press, at, content }).onerror = (event) => {
        event.preventDefault(); // the same form, sent twice
        event.stopPropagation();
      };
    });
    await committed(work);
  }

  /** The steps in one state ("waiting", "left", "refused"), in their order, opened: what was given to `add`,
   *  with the entry's `id`. What this key does not open is no step of ours. */
  async steps(state, most) {
    const index = this.#db.transaction("steps").objectStore("steps").index("state");
    const found = await done(index.getAll(IDBKeyRange.only([this.person, state]), most));
    const all = await Promise.all(found.map((each) => this.#entry(each)));
    return all.filter(Boolean);
  }

  /** How many steps there are in a state, as their owner counts them: what one press of a button did is one. */
  async count(state) {
    const index = this.#db.transaction("steps").objectStore("steps").index("state");
    const found = await done(index.getAll(IDBKeyRange.only([this.person, state])));
    return new Set(found.map(({ press }) => press)).size;
  }

  /** Of these commands: the states of those that are still here. */
  async states(commands) {
    const index = this.#db.transaction("steps").objectStore("steps").index("command");
    const found = await Promise.all(commands.map((each) => done(index.get([this.person, each]))));
    return found.filter(Boolean).map((each) => each.state);
  }

  /** Write down, all or none, what became of steps: `changes` are `{entry, state}`; without a state it is gone. */
  async settle(changes) {
    const sealed = await Promise.all(
      changes.map(({ entry, state }) => state && this.#sealed(entry.step.command_id, entry)),
    );
    const work = this.#db.transaction("steps", "readwrite", STRICT);
    const steps = work.objectStore("steps");
    changes.forEach(({ entry, state }, place) => {
      if (!state) {
        steps.delete(entry.id);
        return;
      }
      const known = steps.get(entry.id);
      known.onsuccess = () => known.result && steps.put({ ...known.result, state, content: sealed[place] });
    });
    await committed(work);
  }

  /** The draft of that name, or null. */
  async draft(name) {
    const found = await done(this.#db.transaction("drafts").objectStore("drafts").get([this.person, name]));
    return found ? await this.#opened(name, found.content) : null;
  }

  /** Keep a draft. */
  async keepDraft(name, value) {
    const content = await this.#sealed(name, value);
    const work = this.#db.transaction("drafts", "readwrite");
    work.objectStore("drafts").put({ person: this.person, name, at: this.#clock.now(), content });
    await committed(work);
  }

  /** Forget the drafts whose names begin so, but one. */
  async dropDrafts(beginning, except) {
    const work = this.#db.transaction("drafts", "readwrite", STRICT);
    const drafts = work.objectStore("drafts");
    const range = IDBKeyRange.bound([this.person, beginning], [this.person, `${beginning}\uffff`]);
    drafts.getAllKeys(range).onsuccess = ({ target }) =>
      target.result.filter(([, name]) => name !== except).forEach((key) => drafts.delete(key));
    await committed(work);
  }

  /** What is too old to be of use goes, whosever it is; it is not read for that. */
  async clearOld() {
    const work = this.#db.transaction(["steps", "drafts"], "readwrite");
    for (const [name, days] of [["steps", STEP_DAYS], ["drafts", DRAFT_DAYS]]) {
      const old = IDBKeyRange.upperBound(this.#clock.now() - days * DAY_MS);
      const cursor = work.objectStore(name).index("at").openKeyCursor(old);
      cursor.onsuccess = () => {
        if (cursor.result) {
          work.objectStore(name).delete(cursor.result.primaryKey);
          cursor.result.continue();
        }
      };
    }
    await committed(work);
  }

  async #entry(found) {
    const value = await this.#opened(found.command, found.content);
    return value && { ...value, id: found.id };
  }

  async #sealed(name, value) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const how = { name: "AES-GCM", iv, additionalData: this.#label(name) };
    return { iv, data: await crypto.subtle.encrypt(how, this.#key, utf8(JSON.stringify(value))) };
  }

  async #opened(name, { iv, data }) {
    const how = { name: "AES-GCM", iv, additionalData: this.#label(name) };
    try {
      return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(how, this.#key, data)));
    } catch {
      return null;
    }
  }

  /** Whose it is and which: an entry that is copied under another name does not open. */
  #label(name) {
    return utf8(`${this.person}/${name}`);
  }
}

function opened() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    const steps = request.result.createObjectStore("steps", { keyPath: "id", autoIncrement: true });
    steps.createIndex("state", ["person", "state"]);
    steps.createIndex("command", ["person", "command"], { unique: true });
    steps.createIndex("at", "at");
    const drafts = request.result.createObjectStore("drafts", { keyPath: ["person", "name"] });
    drafts.createIndex("at", "at");
  };
  return done(request).then((db) => {
    db.onversionchange = () => db.close();
    return db;
  });
}

function done(request) {
  return inTime((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function committed(work) {
  return inTime((resolve, reject) => {
    work.oncomplete = () => resolve();
    work.onerror = work.onabort = () => reject(work.error);
  });
}

/** What was promised, or after a while the word that it did not come. It may still come to pass: a step that is then
 *  sent twice counts once. */
function inTime(promised) {
  return new Promise((resolve, reject) => {
    const late = new DOMException("the disk does not answer", "TimeoutError");
    const timer = setTimeout(() => reject(late), DISK_MS);
    const settled = (settle) => (value) => {
      clearTimeout(timer);
      settle(value);
    };
    promised(settled(resolve), settled(reject));
  });
}

function utf8(text) {
  return new TextEncoder().encode(text);
}
