// A few words to write tests with; a test's name stands on the line of its `test(`.

/** @type {Map<string, () => Promise<void> | void>} */
const tests = new Map();

/** @param {string} name @param {() => Promise<void> | void} act */
export function test(name, act) {
  if (tests.has(name)) throw new Error(`two tests are named ${name}`);
  tests.set(name, act);
}

/** @param {string} name */
export async function run(name) {
  const act = tests.get(name);
  if (!act) throw new Error(`no test is named ${name}`);
  await act();
  return "passed";
}

/** @param {unknown} found @param {unknown} expected @param {string} [about] */
export function equal(found, expected, about = "") {
  const [one, other] = [found, expected].map((it) => JSON.stringify(it));
  if (one !== other) throw new Error(`${about} found ${one}, expected ${other}`);
}

/** Until all that follows from what has happened has happened. @returns {Promise<void>} */
export const settled = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });

/** Time that passes only when a test says so. */
export class Clock {
  time = 1_000_000;
  #count = 0;
  /** @type {Map<number, {at: number, act: () => void}>} */
  #timers = new Map();

  now = () => this.time;

  /** @param {() => void} act @param {number} milliseconds */
  setTimer = (act, milliseconds) => {
    this.#count += 1;
    this.#timers.set(this.#count, { at: this.time + milliseconds, act });
    return this.#count;
  };

  /** @param {number} handle */
  clearTimer = (handle) => {
    this.#timers.delete(handle);
  };

  get running() {
    return this.#timers.size;
  }

  /** @param {number} milliseconds */
  async pass(milliseconds) {
    const end = this.time + milliseconds;
    for (let next = this.#due(end); next; next = this.#due(end)) {
      const [handle, { at, act }] = next;
      this.time = Math.max(this.time, at);
      this.#timers.delete(handle);
      act();
      await settled();
    }
    this.time = end;
  }

  /** Asleep: what was due meanwhile comes late, at the end. @param {number} milliseconds */
  async sleep(milliseconds) {
    this.time += milliseconds;
    await this.pass(0);
  }

  /** @param {number} end */
  #due(end) {
    return [...this.#timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
  }
}
