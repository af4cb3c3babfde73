// The line to the server: one request, one answer, within ten seconds.

import { fromJson, isObject, isStaleToken, readAnswer } from "./answers.js";

/**
 * @typedef {import("./entries.js").Batch} Batch
 * @typedef {import("./queue.js").Answer} Answer
 *
 * @typedef {object} Line  injected by tests
 * @property {typeof globalThis.fetch} fetch
 * @property {(act: () => void, milliseconds: number) => number} setTimer
 * @property {(handle: number) => void} clearTimer
 * @property {() => boolean} isOnline
 *
 * @typedef {object} There  the CANS as the server has it
 * @property {number} by  who is signed in
 * @property {string} csrf
 * @property {Record<string, Record<string, string>>} sheets
 * @property {Record<string, Record<string, string>>} notes
 */

const PATIENCE = 10_000; // milliseconds

/** @type {Line} */
const REAL = {
  fetch: (...request) => globalThis.fetch(...request),
  setTimer: (act, milliseconds) => globalThis.setTimeout(act, milliseconds),
  clearTimer: (handle) => globalThis.clearTimeout(handle),
  isOnline: () => navigator.onLine,
};

/**
 * The function that sends a batch. It never fails: what became of the batch is the answer.
 * @param {object} page
 * @param {string} page.url
 * @param {number} page.person  who the page belongs to
 * @param {() => string} page.token  the page's CSRF token
 * @param {Partial<Line>} [line]
 * @returns {(batch: Batch, options: {keepalive: boolean}) => Promise<Answer>}
 */
export function sender({ url, person, token }, line = {}) {
  /** A fresh token in place of one that the server refused. @type {{refused: string, fresh: string} | null} */
  let renewed = null;
  const current = () => (renewed?.refused === token() ? renewed.fresh : token());

  return async (batch, { keepalive }) => {
    const { key, ratings, notes } = batch;
    const body = JSON.stringify({ by: person, ratings, notes });
    const send = () =>
      request(line, url, {
        method: "PATCH",
        headers: { "Content-Type": "application/json", "X-CSRFToken": current(), "Idempotency-Key": key },
        body,
        keepalive,
      });
    let answer = await send();
    if (answer && isStaleToken(answer.status, answer.text)) {
      const there = await look(url, line);
      if (there?.by === person) {
        renewed = { refused: token(), fresh: there.csrf };
        answer = await send();
      }
    }
    return answer
      ? readAnswer(answer.status, answer.text, batch)
      : { kind: "unknown", offline: !(line.isOnline ?? REAL.isOnline)() };
  };
}

/**
 * The CANS as the server has it now, or null when it cannot be told.
 * @param {string} url
 * @param {Partial<Line>} [line]
 */
export async function look(url, line = {}) {
  const answer = await request(line, url, { method: "GET" });
  const there = answer?.status === 200 ? fromJson(answer.text) : null;
  return isThere(there) ? there : null;
}

/**
 * Status and body, or null where neither is known: no line, too slow, half an answer, led elsewhere.
 * @param {Partial<Line>} line
 * @param {string} url
 * @param {RequestInit} options
 */
async function request(line, url, options) {
  const { fetch, setTimer, clearTimer } = { ...REAL, ...line };
  const stop = new AbortController();
  /** @type {() => void} */
  let lose = () => {};
  const lost = new Promise((resolve) => {
    lose = () => resolve(null);
  });
  const handle = setTimer(() => {
    stop.abort();
    lose();
  }, PATIENCE);
  const whole = async () => {
    const response = await fetch(url, {
      ...options,
      headers: { Accept: "application/json", ...options.headers },
      cache: "no-store",
      credentials: "same-origin",
      redirect: "manual",
      signal: stop.signal,
    });
    return { status: response.status, text: await response.text() };
  };
  try {
    return /** @type {{status: number, text: string} | null} */ (await Promise.race([whole(), lost]));
  } catch {
    return null;
  } finally {
    clearTimer(handle);
  }
}

/** @param {unknown} it @returns {it is There} */
const isThere = (it) =>
  isObject(it) && Number.isInteger(it.by) && typeof it.csrf === "string" && isByItem(it.sheets) && isByItem(it.notes);

/** @param {unknown} it */
const isByItem = (it) =>
  isObject(it) &&
  Object.values(it).every((sheet) => isObject(sheet) && Object.values(sheet).every((one) => typeof one === "string"));
