/** "You will be signed out in 5 minutes": one key stays. */

import { element } from "../dom.js";
import { inWords, timeOfDay } from "./clock.js";

export class Warning {
  #title = element("h2", { id: "session-warning-title" });
  // Said when it opens, and again by itself each time that the words change.
  #sentence = element("p", { id: "session-warning-sentence", role: "status" });
  #trouble = element("p", { class: "session-trouble", role: "alert" });
  #button = element("button", { class: "button button-primary", type: "button" });
  #dialog = element(
    "dialog",
    {
      class: "session",
      role: "alertdialog",
      "aria-labelledby": "session-warning-title",
      "aria-describedby": "session-warning-sentence",
    },
    this.#title,
    this.#sentence,
    this.#trouble,
    element("div", { class: "buttons" }, this.#button),
  );

  /** @param {() => void} answered the person is there */
  constructor(answered) {
    this.#button.addEventListener("click", answered);
    this.#dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      answered();
    });
    // A browser lets Escape close a dialog in the end: that is an answer too. The event comes later than the
    // closing: of one that was hidden and is shown again meanwhile it is none.
    this.#dialog.addEventListener("close", () => {
      if (this.#dialog.isConnected && !this.isOpen) answered();
    });
  }

  get isOpen() {
    return this.#dialog.open;
  }

  /** @param {{end: number, isLast: boolean}} clock @param {number} now */
  show(clock, now) {
    const left = inWords(clock.end - now);
    const time = timeOfDay(clock.end);
    say(this.#title, clock.isLast ? "Your 12 hours are nearly over" : "Are you still there?");
    say(this.#button, clock.isLast ? "Go on" : "Stay signed in");
    say(
      this.#sentence,
      clock.isLast
        ? `A sign-in lasts 12 hours at most. Yours ends in ${left}, at ${time}. What you type on this page stays here, and you can sign in again without leaving it.`
        : `You will be signed out in ${left}, at ${time}, because nothing was done for a while.`,
    );
    if (this.isOpen) return;
    say(this.#trouble, "");
    if (!this.#dialog.isConnected) document.body.append(this.#dialog);
    this.#dialog.showModal();
    this.#button.focus();
  }

  /** @param {string} sentence */
  complain(sentence) {
    say(this.#trouble, sentence);
  }

  /** Closing it, the browser gives the focus back to where it was. */
  hide() {
    if (!this.isOpen) return;
    this.#dialog.close();
    this.#dialog.remove();
  }
}

/** What has not changed is not said again. @param {HTMLElement} where @param {string} words */
function say(where, words) {
  if (where.textContent !== words) where.textContent = words;
}
