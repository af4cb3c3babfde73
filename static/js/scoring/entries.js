// What goes to the server: ratings and notes, each with what the person saw there.

/**
 * @typedef {{sheet: number, code: string, seen: string, value: string, carried: boolean}} Rating
 * @typedef {{sheet: number, code: string, seen: string, text: string}} Note
 * @typedef {Rating | Note} Entry
 *
 * @typedef {object} Batch  never changed once it is made
 * @property {string} key  of the sending, the same at each attempt
 * @property {readonly Rating[]} ratings
 * @property {readonly Note[]} notes
 */

/** @param {{sheet: number, code: string}} entry  as the server names an item of a sheet */
export const itemOf = ({ sheet, code }) => `${sheet}-${code}`;

/** A rating and a note of one item are two slots. @param {{sheet: number, code: string} & ({value: string} | {text: string})} entry */
export const slotOf = (entry) => `${"value" in entry ? "rating" : "note"}-${itemOf(entry)}`;

/** @param {Entry} entry */
export const wishOf = (entry) => ("value" in entry ? entry.value : entry.text);

/** @param {Entry} entry @param {string} seen @returns {Entry} */
export const withSeen = (entry, seen) => Object.freeze({ ...entry, seen });

const encoder = new TextEncoder();

/** Bytes that it takes in a batch. @param {Entry} entry */
export const sizeOf = (entry) => encoder.encode(JSON.stringify(entry)).length + 1;

/** @param {string} key @param {Iterable<Entry>} entries @returns {Batch} */
export function inBatch(key, entries) {
  /** @type {Rating[]} */
  const ratings = [];
  /** @type {Note[]} */
  const notes = [];
  for (const entry of entries) {
    if ("value" in entry) ratings.push(entry);
    else notes.push(entry);
  }
  return Object.freeze({ key, ratings: Object.freeze(ratings), notes: Object.freeze(notes) });
}

/** @param {Entry[]} entries @param {Map<string, Entry>} waiting */
export const atTheFront = (entries, waiting) =>
  new Map([...entries.map((entry) => /** @type {[string, Entry]} */ ([slotOf(entry), entry])), ...waiting]);
