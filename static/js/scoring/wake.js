// When the line or the window is back, what waits goes out at once; when the window may be gone for good
// (a phone tells nothing more than "hidden"), what waits goes out too.

/** @param {import("./queue.js").SaveQueue} queue */
export function keepAwake(queue) {
  addEventListener("online", () => queue.wake());
  addEventListener("pageshow", () => queue.wake());
  addEventListener("pagehide", () => queue.flush());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") queue.flush();
    else queue.wake();
  });
}
