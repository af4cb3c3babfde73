import { equal, test } from "./harness.js";
import { keepAwake } from "/static/js/scoring/wake.js";

test("the line or the window back wakes the queue, and a window that goes flushes it", () => {
  /** @type {string[]} */
  const called = [];
  const queue = { wake: () => called.push("wake"), flush: () => called.push("flush") };
  keepAwake(/** @type {any} */ (queue), () => called.push("gather"));
  for (const type of ["online", "pageshow", "pagehide"]) dispatchEvent(new Event(type));
  equal(called, ["wake", "wake", "gather", "flush"]);
  for (const [state, call] of [["hidden", "flush"], ["visible", "wake"]]) {
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
    equal(called.at(-1), call);
  }
  equal(called.slice(-3), ["gather", "flush", "wake"]);
  equal(called.length, 7);
});
