import { Clock, equal, settled, test } from "./harness.js";
import { sender } from "/static/js/scoring/transport.js";

const batch = {
  key: "key-1",
  ratings: [{ sheet: 12, code: "a", seen: ".", value: "2", carried: false }],
  notes: [{ sheet: 12, code: "b", seen: "", text: "words" }],
};
const CONFLICT = { sheet: 12, code: "a", value: "1", words: "1, watch", by: "Maria Example", at: "10:41 AM CST" };
const APART = { sheet: 12, code: "b", text: "theirs", by: "Maria Example" };
const UNKNOWN = { kind: "unknown", offline: false };

/** @param {number} status @param {unknown} body */
const json = (status, body) => new Response(JSON.stringify(body), { status });

/** @param {(url: string, options: RequestInit) => Promise<Response>} answer */
function line(answer, isOnline = true) {
  /** @type {any[]} */
  const asked = [];
  const clock = new Clock();
  const fetch = /** @type {typeof globalThis.fetch} */ (
    (url, options = {}) => {
      asked.push([url, options]);
      return answer(String(url), options);
    }
  );
  const { setTimer, clearTimer } = clock;
  const page = { url: "/cans/1/ratings/", person: 7, token: () => "the page's" };
  const send = sender(page, { fetch, setTimer, clearTimer, isOnline: () => isOnline });
  return { asked, clock, send: () => send(batch, { keepalive: true }) };
}

test("a batch is one PATCH with its key, the token and whose it is", async () => {
  const { asked, send, clock } = line(async () => json(200, { saved_at: "now", conflicts: [], notes_apart: [] }));
  equal(await send(), { kind: "stored", savedAt: "now", conflicts: [], notesApart: [] });
  const [url, options] = asked[0];
  equal([url, options.method, options.keepalive, options.redirect], ["/cans/1/ratings/", "PATCH", true, "manual"]);
  equal([options.headers["Idempotency-Key"], options.headers["X-CSRFToken"]], ["key-1", "the page's"]);
  equal(JSON.parse(options.body), { by: 7, ratings: batch.ratings, notes: batch.notes });
  equal(clock.running, 0);
});

test("each answer of the contract is read as what it is", async () => {
  const problem = "A sentence.";
  for (const [status, body, expected] of /** @type {const} */ ([
    [200, { saved_at: "now", conflicts: [CONFLICT], notes_apart: [APART] }, { kind: "stored", savedAt: "now", conflicts: [CONFLICT], notesApart: [APART] }],
    [400, { problem, items: { "12-a": "Wrong." } }, { kind: "bad", problem, items: { "12-a": "Wrong." } }],
    [400, { problem }, { kind: "bad", problem, items: {} }],
    [401, { problem }, { kind: "signed-out" }],
    [403, { problem, reason: "person" }, { kind: "refused", problem }],
    [404, { problem }, { kind: "refused", problem }],
    [409, { problem }, { kind: "refused", problem }],
  ])) {
    equal(await line(async () => json(status, body)).send(), expected, `${status}`);
  }
});

test("whatever else comes back is unknown", async () => {
  const good = { saved_at: "now", conflicts: [], notes_apart: [] };
  for (const [status, text] of /** @type {[number, string][]} */ ([
    [200, "<p>Sign in to this network</p>"],
    [200, JSON.stringify(good).slice(0, -1)],
    [200, "null"],
    [200, "[]"],
    [200, "{}"],
    [200, JSON.stringify({ ...good, saved_at: "" })],
    [200, JSON.stringify({ ...good, conflicts: undefined })],
    [200, JSON.stringify({ ...good, notes_apart: {} })],
    [200, JSON.stringify({ ...good, conflicts: [{ ...CONFLICT, code: "not sent" }] })],
    [200, JSON.stringify({ ...good, conflicts: [{ ...CONFLICT, value: "7" }] })],
    [200, JSON.stringify({ ...good, notes_apart: [{ ...APART, sheet: "12" }] })],
    [201, JSON.stringify(good)],
    [202, JSON.stringify(good)],
    [302, ""],
    [400, "<h1>Bad Request</h1>"],
    [401, ""],
    [403, "<h1>Forbidden by a gateway</h1>"],
    [409, "{}"],
    [429, JSON.stringify({ problem: "Slowly." })],
    [500, JSON.stringify(good)],
    [502, "<h1>Bad Gateway</h1>"],
    [503, JSON.stringify({ problem: "Not now." })],
  ])) {
    equal(await line(async () => new Response(text, { status })).send(), UNKNOWN, `${status} ${text}`);
  }
});

test("no line is unknown, and off line when the browser says so", async () => {
  const broken = async () => Promise.reject(new TypeError("Failed to fetch"));
  equal(await line(broken).send(), UNKNOWN);
  equal(await line(broken, false).send(), { kind: "unknown", offline: true });
});

test("a request that hangs is given up after ten seconds", async () => {
  const { asked, send, clock } = line(() => new Promise(() => {}));
  /** @type {unknown} */
  let answer = null;
  send().then((one) => (answer = one));
  await clock.pass(9_999);
  equal([answer, asked[0][1].signal.aborted], [null, false]);
  await clock.pass(1);
  await settled();
  equal([answer, asked[0][1].signal.aborted], [UNKNOWN, true]);
});

test("a body that never ends is given up too", async () => {
  const { send, clock } = line(async () => new Response(new ReadableStream(), { status: 200 }));
  /** @type {unknown} */
  let answer = null;
  send().then((one) => (answer = one));
  await settled();
  await clock.pass(10_000);
  await settled();
  equal(answer, UNKNOWN);
});

test("a stale token is renewed once and the same batch sent again", async () => {
  const { asked, send } = line(async (_url, { method, headers }) => {
    if (method === "GET") return json(200, { by: 7, csrf: "fresh", sheets: { 12: { a: "2" } }, notes: {} });
    const token = /** @type {Record<string, string>} */ (headers)["X-CSRFToken"];
    return token === "fresh"
      ? json(200, { saved_at: "now", conflicts: [], notes_apart: [] })
      : json(403, { problem: "Stale.", reason: "csrf" });
  });
  equal((await send()).kind, "stored");
  equal(asked.map(([, options]) => options.method), ["PATCH", "GET", "PATCH"]);
  equal([asked[0][1].body === asked[2][1].body, asked[2][1].headers["Idempotency-Key"]], [true, "key-1"]);
  equal((await send()).kind, "stored");
  equal(asked.length, 4);
});

test("a token is not renewed for somebody else, nor twice", async () => {
  for (const [by, asks] of /** @type {const} */ ([[8, 2], [7, 3]])) {
    const { asked, send } = line(async (_url, { method }) =>
      method === "GET" ? json(200, { by, csrf: "fresh", sheets: {}, notes: {} }) : json(403, { problem: "Stale.", reason: "csrf" }),
    );
    equal(await send(), { kind: "refused", problem: "Stale." });
    equal(asked.length, asks);
  }
});
