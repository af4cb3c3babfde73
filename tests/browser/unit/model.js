// Evenings made up from a seed: a person rates and writes, another one does too, the line loses what it
// likes, the window is hidden and shown, sessions end. Beside it a model of the server, which alone knows
// what is stored.

import { equal, settled } from "./harness.js";
import { Line, LOST } from "./line.js";
import { itemOf, slotOf, wishOf } from "/static/js/scoring/entries.js";

/**
 * @typedef {import("/static/js/scoring/entries.js").Batch} Batch
 * @typedef {import("/static/js/scoring/entries.js").Entry} Entry
 * @typedef {import("/static/js/scoring/queue.js").Answer} Answer
 * @typedef {{slot: string, wish: string, key: string}} Act  stored by the person of the page
 */

const CODES = ["a", "b", "c"];
const VALUES = ["0", "1", "2", "."];
const TEXTS = ["", "one", "two"];
const BAD = { value: "u", text: "bad" };
const STEPS = 60;

/** Numbers from 0 to 1 that follow from the seed (mulberry32). @param {number} seed */
function randomFrom(seed) {
  let at = seed;
  return () => {
    at = (at + 0x6d2b79f5) | 0;
    let mixed = Math.imul(at ^ (at >>> 15), 1 | at);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const SLOTS = CODES.flatMap((code) => [slotOf({ sheet: 12, code, value: "" }), slotOf({ sheet: 12, code, text: "" })]);
/** @param {string} slot */
const blank = (slot) => (slot.startsWith("rating") ? "." : "");

class Server {
  /** @type {Map<string, string>} */
  held = new Map(SLOTS.map((slot) => [slot, blank(slot)]));
  /** @type {Map<string, {body: string, answer: Answer}>} */
  done = new Map();
  /** @type {Act[]} */
  acts = [];
  signedIn = true;
  isOpen = true;

  /** @param {Batch} batch @returns {Answer} */
  answer(batch) {
    if (!this.signedIn) return { kind: "signed-out" };
    const body = JSON.stringify(batch);
    const before = this.done.get(batch.key);
    if (before) {
      equal(body, before.body, "the same key with another body:");
      return before.answer;
    }
    if (!this.isOpen) return { kind: "refused", problem: "Not now." };
    const entries = [...batch.ratings, ...batch.notes];
    const bad = entries.filter((entry) => wishOf(entry) === ("value" in entry ? BAD.value : BAD.text));
    if (bad.length) return { kind: "bad", problem: "Wrong.", items: Object.fromEntries(bad.map((one) => [itemOf(one), "Wrong."])) };
    const apart = entries.filter((entry) => !this.#store(entry, batch.key));
    const [conflicts, notesApart] = [apart.filter((one) => "value" in one), apart.filter((one) => "text" in one)].map((list) =>
      list.map((one) => ({ sheet: one.sheet, code: one.code, held: this.held.get(slotOf(one)) ?? "" })),
    );
    /** @type {Answer} */
    const answer = {
      kind: "stored",
      savedAt: "now",
      conflicts: conflicts.map(({ held, ...one }) => ({ ...one, value: held, words: held, by: "Maria Example", at: "before" })),
      notesApart: notesApart.map(({ held, ...one }) => ({ ...one, text: held, by: "Maria Example" })),
    };
    this.done.set(batch.key, { body, answer });
    return answer;
  }

  /** @param {Entry} entry @param {string} key */
  #store(entry, key) {
    const slot = slotOf(entry);
    const held = this.held.get(slot);
    if (held !== entry.seen && held !== wishOf(entry)) return false;
    this.held.set(slot, wishOf(entry));
    this.acts.push({ slot, wish: wishOf(entry), key });
    return true;
  }
}

class Evening {
  server = new Server();
  line = new Line();
  /** @type {Map<string, string>} What the page shows. */
  shown = new Map(SLOTS.map((slot) => [slot, blank(slot)]));
  /** @type {Map<string, string[]>} All that the person wanted, in order. */
  wishes = new Map(SLOTS.map((slot) => [slot, []]));
  /** @type {Map<string, string>} What the page was told is there by another hand: to wish for that needs no sending. */
  agreed = new Map(SLOTS.map((slot) => [slot, blank(slot)]));
  /** @type {Map<string, string>} What was last said to be saved. */
  saved = new Map();
  /** @type {Map<string, string>} The other's, about which the person is asked. */
  asked = new Map();
  /** @type {Set<string>} */
  bad = new Set();
  /** @type {Set<string>} Slots that the other person touched. */
  touched = new Set();
  answered = 0;
  /** @type {Batch[]} Given up here, and still on their way there. */
  ghosts = [];
  /** @type {Record<string, number>} */
  happened;

  /** @param {number} seed @param {Record<string, number>} happened */
  constructor(seed, happened) {
    this.random = randomFrom(seed);
    this.happened = happened;
    const { queue } = this.line;
    queue.addEventListener("saved", ({ detail }) => detail.forEach((entry) => this.#said(entry)));
    queue.addEventListener("conflict", ({ detail }) => this.#ask(slotOf(detail), detail.value, detail.mine));
    queue.addEventListener("note-apart", ({ detail }) => this.#ask(slotOf(detail), detail.text, detail.mine));
    queue.addEventListener("refused", ({ detail }) => {
      this.#count("refused");
      for (const { entry, sentence } of detail) if (sentence === "Wrong.") this.bad.add(slotOf(entry));
    });
    queue.addEventListener("state", () => this.#check());
  }

  /** @param {string} what */
  #count(what) {
    this.happened[what] = (this.happened[what] ?? 0) + 1;
  }

  /** @template T @param {T[]} list @returns {T} */
  #pick(list) {
    return list[Math.floor(this.random() * list.length)];
  }

  get #inTheAir() {
    return this.line.sent.filter((one) => !this.settledOnes.has(one));
  }

  /** @type {Set<import("./line.js").Sent>} */
  settledOnes = new Set();

  /** "Saved" of an entry: the server must have stored it, or hold it by the other's hand. @param {Entry} entry */
  #said(entry) {
    this.#count("saved");
    const slot = slotOf(entry);
    const stored = this.server.acts.some((act) => act.slot === slot && act.wish === wishOf(entry));
    const reported = entry.seen === wishOf(entry) && this.everHeld.has(`${slot} ${wishOf(entry)}`);
    if (!stored && !reported) throw new Error(`saved was said of ${slot} ${wishOf(entry)}, which is not stored`);
    this.saved.set(slot, wishOf(entry));
    if (reported) this.agreed.set(slot, wishOf(entry));
    else this.agreed.delete(slot);
  }

  /** @type {Set<string>} What the other person has set. */
  everHeld = new Set();

  /** @param {string} slot @param {string} theirs @param {string} mine */
  #ask(slot, theirs, mine) {
    this.#count("asked");
    equal(mine, this.shown.get(slot), `asked about ${slot} with another wish than the last:`);
    this.asked.set(slot, theirs);
    this.agreed.set(slot, theirs);
  }

  /** The state says "saved" only when the last wish of each slot is stored, or was agreed on. */
  #check() {
    const { kind } = this.line.queue.state;
    if (kind !== "saved" && kind !== "empty") return;
    for (const slot of SLOTS) {
      const last = this.server.acts.filter((act) => act.slot === slot).at(-1)?.wish;
      const agreed = this.agreed.get(slot);
      const shown = this.shown.get(slot);
      if (shown !== last && shown !== agreed) throw new Error(`the state says ${kind}, but ${slot} ${shown} is not stored`);
    }
  }

  /** @param {string} slot @param {string} wish */
  #want(slot, wish) {
    const [kind, sheet, code] = slot.split("-");
    const seen = this.shown.get(slot) ?? "";
    this.shown.set(slot, wish);
    this.wishes.get(slot)?.push(wish);
    this.asked.delete(slot);
    this.bad.delete(slot);
    if (kind === "rating") this.line.queue.rate({ sheet: Number(sheet), code, seen, value: wish });
    else this.line.queue.note({ sheet: Number(sheet), code, seen, text: wish });
  }

  /** @param {string} slot */
  #keepTheirs(slot) {
    const theirs = this.asked.get(slot) ?? "";
    this.shown.set(slot, theirs);
    this.#want(slot, theirs);
  }

  /** @param {import("./line.js").Sent} sent @param {Answer} answer */
  async #answer(sent, answer) {
    this.settledOnes.add(sent);
    await sent.answer(answer);
  }

  /** What may happen, each as often as its number says. @type {[number, () => unknown][]} */
  #may = [
    [9, () => this.#want(this.#pick(SLOTS.filter((one) => one.startsWith("rating"))), this.#pick(VALUES))],
    [4, () => this.#want(this.#pick(SLOTS.filter((one) => one.startsWith("note"))), this.#pick(TEXTS))],
    [1, () => this.#wantBad()],
    [3, () => this.#other()],
    [10, () => this.#arrives(true)],
    [3, () => this.#arrives(false)],
    [3, () => this.#loses()],
    [2, () => this.#ghost()],
    [4, () => this.line.clock.pass(this.random() * 20_000)],
    [1, () => this.line.clock.sleep(7_200_000)],
    [2, () => this.line.queue.wake()],
    [1, () => this.line.queue.retryNow()],
    [3, () => this.#flush()],
    [1, () => this.#session()],
    [1, () => (this.server.isOpen = !this.server.isOpen)],
    [3, () => this.#choose()],
  ];

  #wantBad() {
    const slot = this.#pick(SLOTS);
    this.#want(slot, slot.startsWith("rating") ? BAD.value : BAD.text);
  }

  /** Often back to what was there before, which is where a change could be stored twice. */
  #other() {
    this.#count("another person");
    const slot = this.#pick(SLOTS);
    const wish = this.random() < 0.5 ? blank(slot) : this.#pick(slot.startsWith("rating") ? VALUES : TEXTS);
    this.server.held.set(slot, wish);
    this.everHeld.add(`${slot} ${wish}`);
    this.touched.add(slot);
  }

  /** @param {boolean} isHeard */
  async #arrives(isHeard) {
    const sent = this.#pick(this.#inTheAir);
    if (!sent) return;
    const answer = this.server.answer(sent.batch);
    if (!isHeard) this.#count("answer lost");
    await this.#answer(sent, isHeard ? answer : { kind: "unknown", offline: this.random() < 0.3 });
  }

  async #loses() {
    const sent = this.#pick(this.#inTheAir);
    if (!sent) return;
    this.#count("request lost");
    if (this.random() < 0.5) this.ghosts.push(sent.batch);
    await this.#answer(sent, LOST);
  }

  #ghost() {
    const batch = this.ghosts.shift();
    if (!batch) return;
    this.#count("came late");
    this.server.answer(batch);
  }

  #flush() {
    this.line.queue.flush();
    if (this.#inTheAir.length > 1) this.#count("side by side");
  }

  #session() {
    this.server.signedIn = !this.server.signedIn;
    this.#count("session");
    if (this.server.signedIn) this.line.queue.resume();
    else if (this.random() < 0.3) this.line.queue.pause();
  }

  #choose() {
    const slot = this.#pick([...this.asked.keys()]);
    if (!slot) return;
    if (this.random() < 0.5) this.#keepTheirs(slot);
    else this.#want(slot, this.shown.get(slot) ?? "");
  }

  async pass() {
    const all = this.#may.flatMap(([times, act]) => Array(times).fill(act));
    for (let step = 0; step < STEPS; step += 1) {
      await this.#pick(all)();
      await settled();
      this.#check();
    }
    await this.#ends();
  }

  /** Everything is well again, and the person answers what is asked. */
  async #ends() {
    while (this.ghosts.length) this.#ghost();
    this.server.signedIn = true;
    this.server.isOpen = true;
    this.line.queue.resume();
    for (let round = 0; round < 100; round += 1) {
      for (const sent of this.#inTheAir) await this.#answer(sent, this.server.answer(sent.batch));
      for (const slot of [...this.bad]) this.#want(slot, slot.startsWith("rating") ? "1" : "good");
      for (const slot of [...this.asked.keys()]) this.#keepTheirs(slot);
      await this.line.clock.pass(31_000);
      if (!this.#inTheAir.length && !this.bad.size && !this.asked.size && !this.line.queue.state.waiting) break;
    }
    this.#check();
    const { kind, waiting, elsewhere } = this.line.queue.state;
    if (!["saved", "empty"].includes(kind) || waiting || elsewhere) throw new Error(`it ends ${kind}, ${waiting} waiting`);
    for (const slot of SLOTS) this.#once(slot);
  }

  /** What is stored is what was wanted, in that order, each once; and the last of it is what the page shows. @param {string} slot */
  #once(slot) {
    const acts = this.server.acts.filter((act) => act.slot === slot).map((act) => act.wish);
    const wishes = [...(this.wishes.get(slot) ?? [])];
    for (const act of acts) {
      const at = wishes.indexOf(act);
      if (at < 0) throw new Error(`${slot}: stored ${acts}, wanted ${this.wishes.get(slot)}`);
      wishes.splice(0, at + 1);
    }
    if (!this.touched.has(slot)) equal(this.server.held.get(slot), this.shown.get(slot), `${slot} at the end:`);
    else if (this.saved.has(slot) && this.agreed.get(slot) === undefined) equal(acts.at(-1), this.saved.get(slot), `${slot}:`);
  }
}

/** @param {number} first @param {number} count */
export async function evenings(first, count) {
  /** @type {Record<string, number>} */
  const happened = {};
  /** @type {string[]} */
  const wrong = [];
  /** @type {string[]} */
  const inEvents = [];
  const listen = (/** @type {ErrorEvent} */ event) => inEvents.push(event.message);
  addEventListener("error", listen);
  for (let seed = first; seed < first + count && wrong.length < 5; seed += 1) {
    try {
      await new Evening(seed, happened).pass();
    } catch (error) {
      inEvents.push(String(error));
    }
    if (inEvents.length) wrong.push(`seed ${seed}: ${inEvents.splice(0).join("; ")}`);
  }
  removeEventListener("error", listen);
  return { wrong, happened };
}
