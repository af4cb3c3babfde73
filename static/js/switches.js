// What a person switches on a page of a CANS and finds the same the next time, wherever they sign in. It is
// kept with them: signing out clears what this browser keeps.

import { session } from "./session.js";

export const NOT_KEPT = "This holds until you leave the page: it could not be kept for next time.";
const GIVE_UP_AFTER = 10_000;

/** One after the other: of two quick turns of a switch the latter counts. @type {Promise<boolean>} */
let latest = Promise.resolve(true);

/**
 * Whether it is kept.
 *
 * @param {HTMLElement} place  says where to, in data-switch
 * @param {"single_keys" | "last_ratings"} name
 * @param {boolean} on
 */
export function keep(place, name, on) {
  latest = latest.then(() => send(String(place.dataset.switch), { switch: name, wanted: on ? "yes" : "no" }));
  return latest;
}

/** @param {string} url @param {Record<string, string>} fields */
async function send(url, fields) {
  const token = /** @type {HTMLInputElement} */ (document.querySelector("[name=csrfmiddlewaretoken]")).value;
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRFToken": token },
      body: new URLSearchParams(fields),
      keepalive: true, // who leaves the page at once has switched all the same
      signal: AbortSignal.timeout(GIVE_UP_AFTER),
    });
    if (answer.status === 401) session.end();
    else session.active();
    return answer.status === 204;
  } catch {
    return false;
  }
}
