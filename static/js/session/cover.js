/** After the end nobody who walks up to the computer reads the page; what was typed in it stays in it. */

import { element } from "../dom.js";

const WORDS = {
  over: {
    title: "You are signed out",
    sentence:
      "Nothing on this page is lost. It is covered until you sign in again, and then you go on where you were.",
    link: "Sign in in a new window",
  },
  other: {
    title: "Somebody else is signed in",
    sentence:
      "This page was opened by another person. It stays covered, and nothing on it is lost, until they sign in here again.",
    link: "Open the start page",
  },
};

export class Cover {
  #title = element("h1", { id: "session-cover-title", tabindex: "-1" });
  // Said when it opens, and again by itself when the words change.
  #sentence = element("p", { id: "session-cover-sentence", role: "status" });
  #link = element("a", { class: "button button-primary" });
  #dialog = element(
    "dialog",
    {
      class: "session session-cover",
      "aria-labelledby": "session-cover-title",
      "aria-describedby": "session-cover-sentence",
    },
    element("p", { class: "kicker" }, "IPS CANS"),
    this.#title,
    this.#sentence,
    element("div", { class: "buttons" }, this.#link),
  );
  #signIn;
  /** @type {{hidden: HTMLElement[], focus: Element | null, x: number, y: number, title: string} | null} */
  #under = null;

  /** @param {string} signIn the address where a sign-in in another window ends */
  constructor(signIn) {
    this.#signIn = signIn;
    this.#dialog.addEventListener("cancel", (event) => event.preventDefault());
    // A browser lets Escape close a dialog in the end: not this one.
    this.#dialog.addEventListener("close", () => this.#open());
  }

  /** @param {"over" | "other"} why */
  show(why) {
    this.#under ??= takeAway();
    const { title, sentence, link } = WORDS[why];
    if (this.#dialog.open && this.#title.textContent === title) return;
    document.title = `${title} · IPS CANS`;
    this.#title.textContent = title;
    this.#sentence.textContent = sentence;
    this.#link.textContent = link;
    const signIn = { href: this.#signIn, target: "_blank", rel: "opener" };
    Object.assign(this.#link, why === "over" ? signIn : { href: "/", target: "", rel: "" });
    this.#open();
  }

  lift() {
    const under = this.#under;
    if (!under) return;
    this.#under = null;
    for (const part of under.hidden) part.hidden = false;
    this.#dialog.close();
    this.#dialog.remove();
    document.title = under.title;
    window.scrollTo({ left: under.x, top: under.y, behavior: "instant" });
    if (under.focus instanceof HTMLElement) under.focus.focus({ preventScroll: true });
  }

  #open() {
    if (!this.#under) return;
    if (!this.#dialog.isConnected) document.body.append(this.#dialog);
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#title.focus();
  }
}

/** Out of sight, out of reach of the keyboard, of a screen reader and of "find", but not out of the page. */
function takeAway() {
  const focus = document.activeElement;
  const { scrollX: x, scrollY: y } = window;
  const hidden = [...document.body.children].filter((one) => one instanceof HTMLElement && !one.hidden);
  const parts = /** @type {HTMLElement[]} */ (hidden);
  for (const part of parts) part.hidden = true;
  return { hidden: parts, focus, x, y, title: document.title };
}
