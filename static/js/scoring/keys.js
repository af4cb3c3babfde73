// The keys of the scoring page. They act in the item that has the focus and nowhere else; a held key
// rates one item, not ten; arrows move between levels and choose nothing.

import { isNoSingleKey, isTyping } from "../single-keys.js";
import { fieldsets, isUnrated, rowOf, UNRATED } from "./rows.js";

/** @typedef {import("./rows.js").Row} Row */

/**
 * @typedef {object} Acts
 * @property {(row: Row, value: string, carried?: boolean) => void} rate
 * @property {(row: Row, words: string) => void} refuse  a key that can do nothing here
 * @property {() => void} help
 * @property {() => void} done  nothing is left to rate
 * @property {() => boolean} areOn
 * @property {() => boolean} isBlind  the last ratings are hidden
 */

const BACK = new Set(["ArrowLeft", "ArrowUp"]);
const ON = new Set(["ArrowRight", "ArrowDown"]);

/** @param {HTMLFormElement} form @param {Acts} acts */
export function listen(form, acts) {
  document.addEventListener("keydown", (event) => {
    if (isNoSingleKey(event)) return;
    const row = form.contains(/** @type {Node} */ (event.target)) ? rowOf(event.target) : null;
    if (event.target instanceof HTMLTextAreaElement) {
      if (row && event.key === "Escape") leaveNote(row, event);
      return;
    }
    if (row && isRadio(event.target)) inItem(form, row, event, acts);
    else if (event.key === "?" && acts.areOn() && !isTyping(event.target)) help(event, acts);
  });
}

/** @param {HTMLFormElement} form @param {Row} row @param {KeyboardEvent} event @param {Acts} acts */
function inItem(form, row, event, acts) {
  if (BACK.has(event.key) || ON.has(event.key)) return toLevel(row, event);
  if (!acts.areOn()) return;
  const act = actOf(form, row, event, acts);
  if (!act) return;
  event.preventDefault();
  if (!event.repeat) act();
}

/**
 * What a key does here, or nothing.
 * @param {HTMLFormElement} form @param {Row} row @param {KeyboardEvent} event @param {Acts} acts
 * @returns {(() => void) | null}
 */
function actOf(form, row, event, acts) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (row.allows(key)) return () => rateAndGoOn(form, row, key, acts);
  switch (key) {
    case "n":
      return () => acts.refuse(row, `${row.name} cannot be N/A.`);
    case "=":
      return () => repeat(form, row, acts);
    case "Enter":
      return () => goOn(form, row, acts);
    case "Tab": {
      // While the row asks something, its buttons come next.
      const next = event.shiftKey || row.asks ? null : unratedAfter(form, row);
      return next && (() => next.focus());
    }
    case "j":
      return () => neighbor(form, row, 1)?.focus();
    case "k":
      return () => neighbor(form, row, -1)?.focus();
    case "m":
      return () => row.openNote();
    case "Delete":
    case "Backspace":
      return () => acts.rate(row, UNRATED);
    case "?":
      return acts.help;
    default:
      return null;
  }
}

/** @param {HTMLFormElement} form @param {Row} row @param {string} value @param {Acts} acts */
function rateAndGoOn(form, row, value, acts, carried = false) {
  const wasUnrated = row.shown === UNRATED;
  acts.rate(row, value, carried);
  const next = unratedAfter(form, row) ?? unratedBefore(form) ?? (wasUnrated ? null : neighbor(form, row, 1));
  if (next) next.focus();
  else acts.done();
}

/** @param {HTMLFormElement} form @param {Row} row @param {Acts} acts */
function repeat(form, row, acts) {
  if (acts.isBlind()) return acts.refuse(row, "Show the last ratings to repeat one.");
  if (!row.was) return acts.refuse(row, `There is no last rating of ${row.name}.`);
  if (!row.allows(row.was)) return acts.refuse(row, `The last rating of ${row.name} is no choice here.`);
  return rateAndGoOn(form, row, row.was, acts, true);
}

/** @param {HTMLFormElement} form @param {Row} row @param {Acts} acts */
function goOn(form, row, acts) {
  const next = unratedAfter(form, row) ?? unratedBefore(form);
  if (next && next !== row) next.focus();
  else if (!next) acts.done();
}

/** Arrows: to another level of the same item, chosen with Space. @param {Row} row @param {KeyboardEvent} event */
function toLevel(row, event) {
  event.preventDefault();
  const radios = row.radios;
  const at = radios.findIndex((radio) => radio === event.target);
  radios[(at + (ON.has(event.key) ? 1 : -1) + radios.length) % radios.length].focus();
}

/** @param {Row} row @param {KeyboardEvent} event */
function leaveNote(row, event) {
  event.preventDefault();
  if (row.note.value.trim() === "") row.details.open = false;
  row.focus();
}

/** @param {KeyboardEvent} event @param {Acts} acts */
function help(event, acts) {
  event.preventDefault();
  acts.help();
}

/** @param {HTMLFormElement} form @param {Row} row */
function unratedAfter(form, row) {
  const all = fieldsets(form);
  return rowOf(all.slice(all.indexOf(row.element) + 1).find(isUnrated) ?? null);
}

/** @param {HTMLFormElement} form */
const unratedBefore = (form) => rowOf(fieldsets(form).find(isUnrated) ?? null);

/** @param {HTMLFormElement} form @param {Row} row @param {number} step */
function neighbor(form, row, step) {
  const all = fieldsets(form);
  return rowOf(all[all.indexOf(row.element) + step] ?? null);
}

/** @param {EventTarget | null} target */
const isRadio = (target) => target instanceof HTMLInputElement && target.type === "radio";
