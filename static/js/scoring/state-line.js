// The one line that says how the saving stands. Its words come from the queue's state and from nothing
// else, so that it cannot promise what the server has not confirmed.

/** @typedef {import("./queue.js").QueueState} QueueState */

/** @param {number} count */
const answers = (count) => (count === 1 ? "1 answer" : `${count} answers`);

/** What the line says. @param {QueueState} state */
export function wordsFor(state) {
  const waiting = state.waiting === 1 ? "1 answer waits" : `${state.waiting} answers wait`;
  switch (state.kind) {
    case "saving":
      return "Saving…";
    case "retrying":
      return `Not saved: ${waiting} in this window. Trying again.`;
    case "offline":
      return `No connection: ${waiting} in this window. Keep it open.`;
    case "signed-out":
      return state.waiting ? `Signed out: ${waiting} in this window.` : "Signed out.";
    case "refused":
      return `Not saved: ${answers(state.waiting)}. ${state.problem}`;
    case "elsewhere":
      return `Changed elsewhere: ${state.elsewhere === 1 ? "1 item asks" : `${state.elsewhere} items ask`} which is right.`;
    default:
      return state.savedAt ? `Saved at ${state.savedAt}.` : "Each answer is saved as you give it.";
  }
}

/** Whether somebody who cannot see the line should hear of it. @param {string} kind */
const isTrouble = (kind) => !["empty", "saved", "saving"].includes(kind);

export class StateLine {
  /**
   * @param {HTMLElement} line
   * @param {(words: string) => void} say  tells a screen reader
   */
  constructor(line, say) {
    this.line = line;
    this.words = /** @type {HTMLElement} */ (line.querySelector("[data-state-words]"));
    this.acts = /** @type {HTMLElement} */ (line.querySelector("[data-state-act]"));
    this.say = say;
    /** What was told last, by its kind. */
    this.kind = "";
    this.inTrouble = false;
  }

  /**
   * @param {QueueState} state
   * @param {Element | null} act  a link or a button that helps now
   * @param {string} [more]  what follows from it
   */
  show(state, act, more = "") {
    const words = `${wordsFor(state)} ${more}`.trim();
    this.line.dataset.state = state.kind;
    if (this.words.textContent !== words) this.words.textContent = words;
    this.acts.replaceChildren(...(act ? [act] : []));
    if (state.kind !== this.kind) this.#tell(state.kind, words);
    this.kind = state.kind;
  }

  /** Trouble, another trouble, and that it is over: which "saving" is not. @param {string} kind @param {string} words */
  #tell(kind, words) {
    if (isTrouble(kind)) this.say(words);
    else if (this.inTrouble && kind !== "saving") this.say(kind === "saved" ? "Saved again." : words);
    this.inTrouble = isTrouble(kind) || (this.inTrouble && kind === "saving");
  }
}
