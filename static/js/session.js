/**
 * The sign-in of this page: warns before it ends, covers the page when it has, and opens it again when the
 * same person has signed in, in whatever window. The windows of this browser tell each other.
 */

import { SignInClock } from "./session/clock.js";
import { Cover } from "./session/cover.js";
import { Warning } from "./session/warning.js";

const SECOND = 1000;
const ASK_AT_MOST_EVERY = 240 * SECOND; // while somebody works in the page without sending anything
const ASK_AGAIN_AFTER = 15 * SECOND; // when the server did not answer
const GIVE_UP_AFTER = 10 * SECOND;
const ON_ITS_WAY = 10 * SECOND; // so long an answer may have taken to us: the page must not end after the server
// Timers stand still while a computer sleeps: never far from a look at the clock.
const LOOK_EVERY = 15 * SECOND;
const LOOK_EVERY_WHILE_WARNED = 5 * SECOND;

/** @typedef {{person: number, csrf: string, idle: number, left: number}} Answer */
/** @typedef {{type: "signed-in", person: number, idleEnd: number, lastEnd: number} | {type: "signed-out"}} Message */

/** Events: "over" (no request will be answered) and "back" (detail: person, csrf). */
class Session extends EventTarget {
  isOver = false;
  #page;
  #clock;
  #warning = new Warning(() => this.#stay());
  #cover;
  #channel = new BroadcastChannel("ips-session");
  /** When the server last heard of this page, or was last tried. */
  #asked;
  /** How often it ended: what was asked before an end is not heard after it. */
  #ends = 0;
  /** The person has read that nothing puts it off. */
  #lastEndIsKnown = false;
  #timer = 0;

  /** @param {{person: number, idle: number, left: number, renewed: number, ask: string, signIn: string}} page */
  constructor(page) {
    super();
    this.#page = page;
    this.#asked = Date.now() - ON_ITS_WAY;
    this.#clock = new SignInClock(page, this.#asked);
    this.#cover = new Cover(page.signIn);
    this.#channel.addEventListener("message", ({ data }) => this.#hear(data));
    this.#tell();
    this.#listen();
    this.#look();
  }

  /** A request of this page was answered just now. */
  active() {
    if (this.isOver) return;
    this.#asked = Date.now() - ON_ITS_WAY;
    this.#clock.putOff(this.#asked + this.#page.renewed * SECOND);
    this.#tell();
    this.#look();
  }

  /** A request of this page was answered with 401. */
  end() {
    if (!this.isOver) this.#end("over");
  }

  #listen() {
    for (const type of ["focus", "pageshow"]) window.addEventListener(type, () => this.#look());
    for (const type of ["visibilitychange", "resume"]) document.addEventListener(type, () => this.#look());
    for (const type of ["keydown", "pointerdown", "input"]) {
      const work = (/** @type {Event} */ event) => event.isTrusted && this.#work();
      document.addEventListener(type, work, { capture: true, passive: true });
    }
    document.addEventListener("submit", (event) => this.#submit(event), { capture: true });
  }

  /** What is there to do at this moment? Whatever woke us. */
  #look() {
    window.clearTimeout(this.#timer);
    if (this.isOver) return;
    const now = Date.now();
    const phase = this.#clock.phase(now);
    if (phase === "over") {
      this.#end("over");
      return;
    }
    const warn = phase === "warned" && !(this.#clock.isLast && this.#lastEndIsKnown);
    if (warn) this.#warning.show(this.#clock, now);
    else this.#warning.hide();
    const next = phase === "warned" ? LOOK_EVERY_WHILE_WARNED : LOOK_EVERY;
    this.#timer = window.setTimeout(() => this.#look(), Math.min(next, this.#clock.end - now));
  }

  /** Somebody is at the keyboard. Whoever is asked whether they are there answers with the button. */
  #work() {
    this.#look();
    if (this.isOver || this.#warning.isOpen || Date.now() - this.#asked < ASK_AT_MOST_EVERY) return;
    this.#ask();
  }

  async #stay() {
    if (this.#clock.isLast) {
      this.#lastEndIsKnown = true;
      this.#look();
    } else if (!(await this.#ask())) {
      this.#warning.complain("The server could not be reached, and the time goes on. Try again.");
    }
  }

  /** Asking is to stay signed in. Whether an answer came. */
  async #ask() {
    const asked = Date.now();
    const ends = this.#ends;
    this.#asked = asked;
    let answer;
    try {
      answer = await fetch(this.#page.ask, {
        headers: { Accept: "application/json" },
        cache: "no-store",
        signal: AbortSignal.timeout(GIVE_UP_AFTER),
      });
      if (!answer.ok && answer.status !== 401) throw new Error(`the server answered ${answer.status}`);
      const told = answer.ok ? await answer.json() : null;
      if (ends === this.#ends) this.#answered(told, asked);
      return true;
    } catch {
      this.#asked = asked - ASK_AT_MOST_EVERY + ASK_AGAIN_AFTER;
      return false;
    }
  }

  /** @param {Answer | null} told @param {number} asked */
  #answered(told, asked) {
    if (!told) {
      this.#end("over");
      return;
    }
    if (told.person !== this.#page.person) {
      this.#end("other");
      return;
    }
    const anew = this.isOver || isLater(asked + told.left * SECOND, this.#clock.lastEnd);
    this.#clock.set(told, asked);
    if (anew) this.#begin(told);
    this.#tell();
    this.#look();
  }

  /** The same person has signed in again. @param {Answer} told */
  #begin({ person, csrf }) {
    this.#lastEndIsKnown = false;
    for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) {
      /** @type {HTMLInputElement} */ (field).value = csrf;
    }
    const wasOver = this.isOver;
    this.isOver = false;
    this.#cover.lift();
    if (wasOver) this.dispatchEvent(new CustomEvent("back", { detail: { person, csrf } }));
  }

  /** @param {"over" | "other"} why */
  #end(why) {
    const wasOver = this.isOver;
    this.isOver = true;
    this.#ends += 1;
    window.clearTimeout(this.#timer);
    this.#warning.hide();
    this.#cover.show(why);
    if (!wasOver) this.dispatchEvent(new Event("over"));
  }

  #tell() {
    const { idleEnd, lastEnd } = this.#clock;
    this.#channel.postMessage({ type: "signed-in", person: this.#page.person, idleEnd, lastEnd });
  }

  /** Another window was answered, or its person signed out. @param {Message} message */
  #hear(message) {
    if (message.type === "signed-out") {
      this.#end("over");
    } else if (message.person !== this.#page.person) {
      this.#end("other");
    } else if (this.isOver || isLater(message.lastEnd, this.#clock.lastEnd)) {
      this.#ask();
    } else {
      this.#clock.putOff(message.idleEnd);
      this.#look();
    }
  }

  /** @param {SubmitEvent} event */
  #submit(event) {
    this.#look();
    if (this.isOver) {
      event.preventDefault();
      event.stopImmediatePropagation();
    } else if (event.target instanceof HTMLFormElement && "signOut" in event.target.dataset) {
      // The others are told when the answer is here: it may never come, or the person may stay after all.
      window.addEventListener("pagehide", () => this.#channel.postMessage({ type: "signed-out" }));
    }
  }
}

/**
 * Of another sign-in: one and the same is reckoned a little differently from answer to answer.
 *
 * @param {number} end
 * @param {number} known
 */
function isLater(end, known) {
  return end - known > 30 * SECOND;
}

function page() {
  const { person, idle, left, renewed, ask, signIn } = /** @type {HTMLElement} */ (
    document.getElementById("session")
  ).dataset;
  return {
    person: Number(person),
    idle: Number(idle),
    left: Number(left),
    renewed: Number(renewed),
    ask: String(ask),
    signIn: String(signIn),
  };
}

export const session = new Session(page());
