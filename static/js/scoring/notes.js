// Notes that are being typed: each goes out a moment after its first key that nobody has, however long
// the person types on.

/** @typedef {import("./rows.js").Row} Row */

const BEHIND = 900; // milliseconds at most

/** @param {(row: Row) => void} send */
export function typedNotes(send) {
  /** @type {Map<Row, number>} */
  const resting = new Map();

  /** @param {Row} row */
  function sendOne(row) {
    clearTimeout(resting.get(row));
    resting.delete(row);
    send(row);
  }

  return {
    /** A key was typed into it. @param {Row} row */
    typed(row) {
      if (!resting.has(row)) resting.set(row, window.setTimeout(() => sendOne(row), BEHIND));
    },
    send: sendOne,
    sendAll() {
      for (const row of [...resting.keys()]) sendOne(row);
    },
    /** Whether something is typed that has not been sent. */
    areResting: () => resting.size > 0,
  };
}
