// When the line or the window is back, what waits goes out at once; when the window may be gone for good
// (a phone tells nothing more than "hidden"), what waits goes out too.

/**
 * @param {import("./queue.js").SaveQueue} queue
 * @param {() => void} gather  puts into the queue what is still being typed
 */
export function keepAwake(queue, gather) {
  const flush = () => {
    gather();
    queue.flush();
  };
  addEventListener("online", () => queue.wake());
  addEventListener("pageshow", () => queue.wake());
  addEventListener("pagehide", flush);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") flush();
    else queue.wake();
  });
}
