// What the person answered, on its way to the server. It knows no page and no network: `send` takes a
// batch and says what became of it. "Saved" is said of what the server confirmed, and of nothing else.
//
// Where the outcome of a batch is not known, the very same batch goes out again under the same key, until
// it is known; only then does a later change of one of its items follow. So an item's changes reach the
// server in order, each with the value that the one before it left.

import { atTheFront, inBatch, itemOf, sizeOf, slotOf, wishOf, withSeen } from "./entries.js";

/**
 * @typedef {import("./entries.js").Rating} Rating
 * @typedef {import("./entries.js").Note} Note
 * @typedef {import("./entries.js").Entry} Entry
 * @typedef {import("./entries.js").Batch} Batch
 *
 * @typedef {object} Conflict  somebody else's rating, which the server kept
 * @property {number} sheet
 * @property {string} code
 * @property {string} value
 * @property {string} words
 * @property {string} by
 * @property {string} at
 *
 * @typedef {{sheet: number, code: string, text: string, by: string}} NoteApart  somebody else's note, kept likewise
 *
 * @typedef {{kind: "stored", savedAt: string, conflicts: Conflict[], notesApart: NoteApart[]}} Stored
 * @typedef {{kind: "bad", problem: string, items: Record<string, string>}} Bad  nothing is stored
 * @typedef {{kind: "unknown", offline: boolean}} Unknown  stored or not: send it again
 * @typedef {Stored | Bad | Unknown | {kind: "signed-out"} | {kind: "refused", problem: string}} Answer
 *
 * @typedef {"empty" | "saving" | "saved" | "retrying" | "offline" | "signed-out" | "refused" | "elsewhere"} Kind
 *
 * @typedef {object} QueueState
 * @property {Kind} kind
 * @property {number} waiting  answers that the server has not confirmed
 * @property {number} elsewhere  answers that were changed elsewhere, until the person chooses
 * @property {string} savedAt  when the server last stored something, in its words
 * @property {string} problem
 * @property {number} retryIn  seconds till the next attempt
 *
 * @typedef {object} QueueEvents
 * @property {QueueState} state
 * @property {Entry[]} saved
 * @property {Conflict & {mine: string}} conflict
 * @property {NoteApart & {mine: string}} note-apart
 * @property {{entry: Entry, sentence: string}[]} refused
 *
 * @typedef {Omit<EventTarget, "addEventListener"> & {
 *   addEventListener<K extends keyof QueueEvents>(
 *     type: K, listener: (event: CustomEvent<QueueEvents[K]>) => void): void,
 * }} QueueTarget
 *
 * @typedef {{batch: Batch, entries: Map<string, Entry>, bytes: number, inTheAir: boolean, signIns: number}} Flight
 * @typedef {{seen: string, sentence: string}} Left  not stored, with what the server has instead
 */

const AT_MOST = 50; // entries of a kind in a batch, as the server takes
const BATCH_BYTES = 28_000;
const AROUND = 200; // bytes of a batch besides its entries
const KEEPALIVE_BYTES = 60_000; // a browser lets 64 kB outlive their page
const BACKOFF = [1, 2, 4, 8, 15, 30]; // seconds
const BUSY = new Set(["saving", "retrying"]);

const Target = /** @type {{new (): QueueTarget}} */ (/** @type {unknown} */ (EventTarget));

export class SaveQueue extends Target {
  #send;
  #now;
  #newKey;
  #setTimer;
  #clearTimer;
  /** @type {Map<string, Entry>} Not sent yet: one of each slot, in the order of their first change. */
  #waiting = new Map();
  /** @type {Flight[]} Sent, in order, the outcome unknown: a slot is in one of them at most. */
  #out = [];
  /** @type {Map<string, Left>} What the server would not take, until the person changes it. */
  #bad = new Map();
  /** @type {Map<string, Left>} What somebody else changed, until the person chooses. */
  #elsewhere = new Map();
  /** @type {{handle: number} | null} */
  #timer = null;
  #retryAt = 0;
  #failures = 0;
  #isOffline = false;
  #isPaused = false;
  #signIns = 0;
  /** @type {string | null} Why nothing goes on by itself. */
  #halt = null;
  #savedAt = "";
  #told = "";
  /** @type {((state: QueueState) => void)[]} */
  #idlers = [];

  /**
   * @param {object} outside
   * @param {(batch: Batch, options: {keepalive: boolean}) => Promise<Answer>} outside.send
   * @param {() => number} [outside.now]  milliseconds
   * @param {() => string} [outside.newKey]
   * @param {(act: () => void, milliseconds: number) => number} [outside.setTimer]
   * @param {(handle: number) => void} [outside.clearTimer]
   */
  constructor({
    send,
    now = () => Date.now(),
    newKey = () => crypto.randomUUID(),
    setTimer = (act, milliseconds) => globalThis.setTimeout(act, milliseconds),
    clearTimer = (handle) => globalThis.clearTimeout(handle),
  }) {
    super();
    this.#send = send;
    this.#now = now;
    this.#newKey = newKey;
    this.#setTimer = setTimer;
    this.#clearTimer = clearTimer;
    this.#told = JSON.stringify(this.state);
  }

  /** @param {{sheet: number, code: string, seen: string, value: string, carried?: boolean}} rating */
  rate({ sheet, code, seen, value, carried = false }) {
    this.#change({ sheet, code, seen, value, carried });
  }

  /** @param {Note} note */
  note({ sheet, code, seen, text }) {
    this.#change({ sheet, code, seen, text });
  }

  /** Whether the page has something of this item that the server has not. @param {{sheet: number, code: string}} item */
  holds(item) {
    const slots = [slotOf({ ...item, value: "" }), slotOf({ ...item, text: "" })];
    return slots.some((slot) => this.#unconfirmed().has(slot) || this.#elsewhere.has(slot));
  }

  /** Signed out: nothing is sent, all is kept. */
  pause() {
    this.#isPaused = true;
    this.#stopTimer();
    this.#tell();
  }

  /** The same person is signed in again. */
  resume() {
    this.#isPaused = false;
    this.#signIns += 1;
    this.retryNow();
  }

  /** The person asks: also what was refused goes out again. */
  retryNow() {
    this.#halt = null;
    this.wake();
  }

  /** The line or the window is back: what waits for its next attempt goes out, what was refused does not. */
  wake() {
    this.#stopTimer();
    if (this.#isGoing()) this.#failures = 0;
    this.#pump();
    this.#tell();
  }

  /**
   * The page may end: everything goes out at once, side by side. But not the next change of an item
   * whose last one is out: the two could overtake each other.
   */
  flush() {
    if (!this.#isGoing()) return;
    this.#stopTimer();
    for (const flight of this.#out) {
      if (!flight.inTheAir && flight.bytes <= this.#room()) this.#fly(flight);
    }
    for (let flight = this.#board(this.#room()); flight; flight = this.#board(this.#room())) this.#fly(flight);
    this.#tell();
  }

  /**
   * When nothing waits, or it cannot go on: signed out, refused or off line. A failure that is being
   * retried is waited for.
   * @returns {Promise<QueueState>}
   */
  idle() {
    const { state } = this;
    return BUSY.has(state.kind) ? new Promise((resolve) => this.#idlers.push(resolve)) : Promise.resolve(state);
  }

  /** @returns {QueueState} */
  get state() {
    return {
      kind: this.#kind(),
      waiting: this.#unconfirmed().size,
      elsewhere: this.#elsewhere.size,
      savedAt: this.#savedAt,
      problem: this.#halt ?? [...this.#bad.values()][0]?.sentence ?? "",
      retryIn: this.#timer ? Math.max(0, Math.ceil((this.#retryAt - this.#now()) / 1000)) : 0,
    };
  }

  /** @returns {Kind} */
  #kind() {
    if (this.#isPaused) return "signed-out";
    if (this.#halt !== null) return "refused";
    if (this.#out.length || this.#waiting.size) {
      if (!this.#failures) return "saving";
      return this.#isOffline ? "offline" : "retrying";
    }
    if (this.#bad.size) return "refused";
    if (this.#elsewhere.size) return "elsewhere";
    return this.#savedAt ? "saved" : "empty";
  }

  #unconfirmed() {
    const out = this.#out.flatMap((flight) => [...flight.entries.keys()]);
    return new Set([...out, ...this.#waiting.keys(), ...this.#bad.keys()]);
  }

  #isGoing() {
    return !this.#isPaused && this.#halt === null;
  }

  // In

  /** @param {Entry} entry */
  #change(entry) {
    const slot = slotOf(entry);
    const seen = this.#seenIn(slot) ?? entry.seen;
    this.#bad.delete(slot);
    this.#elsewhere.delete(slot);
    this.#wait(withSeen(entry, seen));
    this.#pump();
    this.#tell();
  }

  /** What the server has of it when its next change arrives, if the queue knows better than the page. @param {string} slot */
  #seenIn(slot) {
    const out = this.#out.find((flight) => flight.entries.has(slot))?.entries.get(slot);
    if (out) return wishOf(out);
    return (this.#waiting.get(slot) ?? this.#bad.get(slot) ?? this.#elsewhere.get(slot))?.seen;
  }

  /** @param {Entry} entry */
  #wait(entry) {
    if (wishOf(entry) === entry.seen) this.#waiting.delete(slotOf(entry));
    else this.#waiting.set(slotOf(entry), entry);
  }

  // Out

  #pump() {
    if (!this.#isGoing() || this.#timer || this.#out.some((flight) => flight.inTheAir)) return;
    const flight = this.#out[0] ?? this.#board(BATCH_BYTES, true);
    if (flight) this.#fly(flight);
  }

  /** What may outlive the page beside what is on its way already. */
  #room() {
    const inTheAir = this.#out.filter((flight) => flight.inTheAir).map((flight) => flight.bytes);
    return KEEPALIVE_BYTES - inTheAir.reduce((sum, bytes) => sum + bytes, 0);
  }

  /**
   * A new batch of what waits. One entry of an item at most, so that "this item is bad" names one.
   * @param {number} room  bytes
   * @param {boolean} [evenTooLarge]  the first goes in whatever its size
   */
  #board(room, evenTooLarge = false) {
    /** @type {Map<string, Entry>} */
    const entries = new Map();
    const taken = new Set(this.#out.flatMap((flight) => [...flight.entries.keys()]));
    const items = new Set();
    let bytes = AROUND;
    for (const [slot, entry] of this.#waiting) {
      if (entries.size === AT_MOST) break;
      const size = sizeOf(entry);
      const fits = bytes + size <= Math.min(room, BATCH_BYTES) || (evenTooLarge && !entries.size);
      if (!fits || taken.has(slot) || items.has(itemOf(entry))) continue;
      entries.set(slot, entry);
      items.add(itemOf(entry));
      bytes += size;
    }
    if (!entries.size) return null;
    for (const slot of entries.keys()) this.#waiting.delete(slot);
    const flight = { batch: inBatch(this.#newKey(), entries.values()), entries, bytes, inTheAir: false, signIns: 0 };
    this.#out.push(flight);
    return flight;
  }

  /** @param {Flight} flight */
  async #fly(flight) {
    const keepalive = flight.bytes <= this.#room();
    flight.inTheAir = true;
    flight.signIns = this.#signIns;
    /** @type {Answer} */
    let answer = { kind: "unknown", offline: false };
    try {
      answer = await this.#send(flight.batch, { keepalive });
    } catch {
      // Whatever went wrong, nothing is known of the batch.
    }
    flight.inTheAir = false;
    this.#landed(flight, answer);
    this.#pump();
    this.#tell();
  }

  // Back

  /** @param {Flight} flight @param {Answer} answer */
  #landed(flight, answer) {
    if (answer.kind === "unknown") return this.#tryAgain(answer.offline);
    // It left before the person signed in again, and says nothing of now.
    if (answer.kind === "signed-out" && flight.signIns < this.#signIns) return this.#tryAgain(false);
    this.#failures = 0;
    if (answer.kind === "stored") return this.#stored(flight, answer);
    if (answer.kind === "bad" && [...flight.entries.values()].some((entry) => itemOf(entry) in answer.items)) {
      return this.#leaveOut(flight, answer);
    }
    // The batch and its key stay as they are: an earlier attempt may have been stored.
    this.#stopTimer();
    if (answer.kind === "signed-out") this.#isPaused = true;
    else this.#refused(flight, answer.problem);
  }

  /** @param {boolean} isOffline */
  #tryAgain(isOffline) {
    this.#isOffline = isOffline;
    if (this.#timer) return;
    const seconds = BACKOFF[Math.min(this.#failures, BACKOFF.length - 1)];
    this.#failures += 1;
    if (!this.#isGoing()) return;
    this.#retryAt = this.#now() + seconds * 1000;
    const handle = this.#setTimer(() => {
      this.#timer = null;
      this.#pump();
      this.#tell();
    }, seconds * 1000);
    this.#timer = { handle };
  }

  /** @param {Flight} flight @param {Stored} answer */
  #stored(flight, answer) {
    this.#remove(flight);
    const ratings = new Map(answer.conflicts.map((one) => [slotOf(one), one]));
    const notes = new Map(answer.notesApart.map((one) => [slotOf(one), one]));
    /** @type {Entry[]} */
    const saved = [];
    const events = [];
    for (const [slot, entry] of flight.entries) {
      const rating = ratings.get(slot);
      const note = notes.get(slot);
      const theirs = rating?.value ?? note?.text;
      if (theirs === undefined) {
        saved.push(entry);
        continue;
      }
      // A later wish of the person was made without knowing of theirs: that is what they are asked about.
      const mine = this.#waiting.get(slot) ?? entry;
      this.#waiting.delete(slot);
      if (wishOf(mine) === theirs) {
        saved.push(withSeen(mine, theirs));
        continue;
      }
      this.#elsewhere.set(slot, { seen: theirs, sentence: "" });
      const detail = { ...(rating ?? note), mine: wishOf(mine) };
      events.push(new CustomEvent(rating ? "conflict" : "note-apart", { detail }));
    }
    if (saved.length) {
      this.#savedAt = answer.savedAt;
      events.unshift(new CustomEvent("saved", { detail: saved }));
    }
    for (const event of events) this.dispatchEvent(event);
  }

  /** The server stored nothing: what it named is told, the others go again. @param {Flight} flight @param {Bad} answer */
  #leaveOut(flight, { items }) {
    this.#remove(flight);
    const told = [];
    const others = [];
    for (const [slot, entry] of flight.entries) {
      const later = this.#waiting.get(slot);
      const sentence = items[itemOf(entry)];
      if (later) this.#wait(withSeen(later, entry.seen));
      else if (sentence === undefined) others.push(entry);
      else {
        this.#bad.set(slot, { seen: entry.seen, sentence });
        told.push({ entry, sentence });
      }
    }
    this.#waiting = atTheFront(others, this.#waiting);
    if (told.length) this.dispatchEvent(new CustomEvent("refused", { detail: told }));
  }

  /** @param {Flight} flight @param {string} problem */
  #refused(flight, problem) {
    this.#halt = problem;
    const detail = [...flight.entries.values()].map((entry) => ({ entry, sentence: problem }));
    this.dispatchEvent(new CustomEvent("refused", { detail }));
  }

  /** @param {Flight} flight */
  #remove(flight) {
    this.#out = this.#out.filter((one) => one !== flight);
  }

  #stopTimer() {
    if (this.#timer) this.#clearTimer(this.#timer.handle);
    this.#timer = null;
  }

  #tell() {
    const { state } = this;
    const told = JSON.stringify(state);
    if (told !== this.#told) {
      this.#told = told;
      this.dispatchEvent(new CustomEvent("state", { detail: state }));
    }
    if (BUSY.has(state.kind)) return;
    for (const resolve of this.#idlers.splice(0)) resolve(state);
  }
}
