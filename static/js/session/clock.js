/** When the sign-in of this page ends. Moments are milliseconds since 1970, as `Date.now()` has them. */

const MINUTE = 60_000;
const WARNED = 5 * MINUTE;

/** @typedef {{idle: number, left: number}} Told what the server says: seconds to the idle and to the last end */

export class SignInClock {
  idleEnd = 0;
  lastEnd = 0;

  /**
   * @param {Told} told
   * @param {number} asked when the question was sent: the answer was true no earlier, so it ends no later
   */
  constructor(told, asked) {
    this.set(told, asked);
  }

  /** @param {Told} told @param {number} asked */
  set({ idle, left }, asked) {
    this.idleEnd = asked + idle * 1000;
    this.lastEnd = asked + left * 1000;
  }

  /** Another request was answered, here or in another window. @param {number} idleEnd */
  putOff(idleEnd) {
    this.idleEnd = Math.max(this.idleEnd, idleEnd);
  }

  get end() {
    return Math.min(this.idleEnd, this.lastEnd);
  }

  /** Is it the end that nothing puts off? */
  get isLast() {
    return this.end === this.lastEnd;
  }

  /** @param {number} now @returns {"signed in" | "warned" | "over"} */
  phase(now) {
    if (now >= this.end) return "over";
    return now >= this.end - WARNED ? "warned" : "signed in";
  }
}

/** @param {number} milliseconds */
export function inWords(milliseconds) {
  if (milliseconds < MINUTE) return "less than a minute";
  const minutes = Math.round(milliseconds / MINUTE);
  return minutes === 1 ? "1 minute" : `${minutes} minutes`;
}

const TIME = new Intl.DateTimeFormat("en-US", { hour: "numeric", minute: "2-digit", timeZoneName: "short" });

/** "10:42 AM CST". @param {number} moment */
export function timeOfDay(moment) {
  return TIME.format(moment);
}
