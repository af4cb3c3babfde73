// What an answer of the server says of a batch. Strict: whatever is not exactly an answer of ours (a
// gateway's page, half a body, something about another batch) is "unknown", and the batch is sent again.

import { itemOf } from "./entries.js";

/**
 * @typedef {import("./entries.js").Batch} Batch
 * @typedef {import("./queue.js").Answer} Answer
 * @typedef {import("./queue.js").Conflict} Conflict
 * @typedef {import("./queue.js").NoteApart} NoteApart
 */

/** @type {Answer} */
const UNKNOWN = { kind: "unknown", offline: false };
const VALUE = /^[0-3nu.]$/;

/** @param {unknown} it @returns {it is Record<string, unknown>} */
export const isObject = (it) => typeof it === "object" && it !== null && !Array.isArray(it);

/** @param {string} text */
export function fromJson(text) {
  try {
    return /** @type {unknown} */ (JSON.parse(text));
  } catch {
    return undefined;
  }
}

/**
 * @param {number} status
 * @param {string} text
 * @param {Batch} batch
 * @returns {Answer}
 */
export function readAnswer(status, text, batch) {
  const body = fromJson(text);
  if (status === 404) return { kind: "refused", problem: problemOf(body) ?? "This CANS is not open to you any more." };
  if (!isObject(body)) return UNKNOWN;
  if (status === 200) return stored(body, batch) ?? UNKNOWN;
  const problem = problemOf(body);
  if (problem === null) return UNKNOWN;
  if (status === 400) return { kind: "bad", problem, items: sentences(body.items) };
  if (status === 401) return { kind: "signed-out" };
  if (status === 403 || status === 409) return { kind: "refused", problem };
  return UNKNOWN;
}

/** Whether the page's token was refused, which a fresh one mends. @param {number} status @param {string} text */
export function isStaleToken(status, text) {
  const body = status === 403 ? fromJson(text) : null;
  return isObject(body) && body.reason === "csrf";
}

/** @param {unknown} body */
const problemOf = (body) => (isObject(body) && typeof body.problem === "string" && body.problem) || null;

/** @param {unknown} items @returns {Record<string, string>} */
function sentences(items) {
  const pairs = isObject(items) ? Object.entries(items) : [];
  return Object.fromEntries(pairs.map(([item, sentence]) => [item, String(sentence)]));
}

/** @param {Record<string, unknown>} body @param {Batch} batch @returns {Answer | null} */
function stored(body, batch) {
  const { saved_at: savedAt, conflicts, notes_apart: notesApart } = body;
  if (typeof savedAt !== "string" || !savedAt) return null;
  if (!isListAbout(batch.ratings, conflicts, isConflict) || !isListAbout(batch.notes, notesApart, isNoteApart)) return null;
  return { kind: "stored", savedAt, conflicts, notesApart };
}

/**
 * @template {{sheet: number, code: string}} T
 * @param {readonly {sheet: number, code: string}[]} sent
 * @param {unknown} list
 * @param {(one: unknown) => one is T} isOne
 * @returns {list is T[]}
 */
function isListAbout(sent, list, isOne) {
  const items = new Set(sent.map(itemOf));
  return Array.isArray(list) && list.every((one) => isOne(one) && items.has(itemOf(one)));
}

/** @param {unknown} one @returns {one is Conflict} */
const isConflict = (one) =>
  isAboutItem(one) && VALUE.test(String(one.value)) && [one.words, one.by, one.at].every((it) => typeof it === "string");

/** @param {unknown} one @returns {one is NoteApart} */
const isNoteApart = (one) => isAboutItem(one) && typeof one.text === "string" && typeof one.by === "string";

/** @param {unknown} one @returns {one is Record<string, unknown>} */
const isAboutItem = (one) => isObject(one) && Number.isInteger(one.sheet) && typeof one.code === "string";
