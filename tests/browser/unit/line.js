// A line to the server that a test holds in its hand, and a queue at the near end of it.

import { Clock, settled } from "./harness.js";
import { SaveQueue } from "/static/js/scoring/queue.js";

/**
 * @typedef {import("/static/js/scoring/queue.js").Answer} Answer
 * @typedef {import("/static/js/scoring/entries.js").Batch} Batch
 * @typedef {{batch: Batch, keepalive: boolean, answer: (answer: Answer) => Promise<void>}} Sent
 */

/** @type {Answer} */
export const LOST = { kind: "unknown", offline: false };

/** @param {Partial<import("/static/js/scoring/queue.js").Stored>} [more] @returns {Answer} */
export const stored = (more = {}) => ({ kind: "stored", savedAt: "10:42 AM CST", conflicts: [], notesApart: [], ...more });

export class Line {
  clock = new Clock();
  /** @type {Sent[]} Everything that was sent, in order. */
  sent = [];
  /** @type {[string, any][]} */
  events = [];
  #keys = 0;

  constructor() {
    const { now, setTimer, clearTimer } = this.clock;
    const newKey = () => `key-${(this.#keys += 1)}`;
    this.queue = new SaveQueue({ send: this.#send, now, setTimer, clearTimer, newKey });
    for (const type of /** @type {const} */ (["saved", "conflict", "note-apart", "refused"])) {
      this.queue.addEventListener(type, ({ detail }) => this.events.push([type, detail]));
    }
  }

  /** @type {(batch: Batch, options: {keepalive: boolean}) => Promise<Answer>} */
  #send = (batch, { keepalive }) =>
    new Promise((resolve) => {
      const answer = async (/** @type {Answer} */ one) => {
        resolve(one);
        await settled();
      };
      this.sent.push({ batch, keepalive, answer });
    });

  get last() {
    return this.sent[this.sent.length - 1];
  }

  get kind() {
    return this.queue.state.kind;
  }

  /** @param {string} code @param {string} seen @param {string} value */
  rate(code, seen, value) {
    this.queue.rate({ sheet: 12, code, seen, value });
  }

  /** @param {string} code @param {string} seen @param {string} text */
  note(code, seen, text) {
    this.queue.note({ sheet: 12, code, seen, text });
  }

  /** What each batch said, in short: "code: seen > wish". */
  get told() {
    return this.sent.map(({ batch }) => [
      batch.key,
      ...batch.ratings.map((one) => `${one.code}: ${one.seen} > ${one.value}`),
      ...batch.notes.map((one) => `${one.code}: "${one.seen}" > "${one.text}"`),
    ]);
  }

  /** @param {string} type */
  detailsOf(type) {
    return this.events.filter(([one]) => one === type).map(([, detail]) => detail);
  }

  /** What was said to be saved, in short. */
  get saved() {
    return this.detailsOf("saved").flat().map((one) => `${one.code} ${one.value ?? one.text}`);
  }
}

/** @param {string} code @param {string} value */
export const theirs = (code, value) => ({ sheet: 12, code, value, words: `${value}, in words`, by: "Maria Example", at: "10:41 AM CST" });
