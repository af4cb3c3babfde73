import { equal, settled, test } from "./harness.js";
import { Line, LOST, stored, theirs } from "./line.js";

test("saved is said when the server has answered and not before", async () => {
  const line = new Line();
  equal(line.kind, "empty");
  line.rate("a", ".", "2");
  equal([line.kind, line.queue.state.waiting, line.saved], ["saving", 1, []]);
  equal(line.queue.holds({ sheet: 12, code: "a" }), true);
  await line.last.answer(stored());
  equal([line.kind, line.queue.state.savedAt, line.saved], ["saved", "10:42 AM CST", ["a 2"]]);
  equal(line.queue.holds({ sheet: 12, code: "a" }), false);
});

test("one batch at a time, and an item changed again while waiting is one entry", async () => {
  const line = new Line();
  line.rate("a", ".", "1");
  line.rate("b", ".", "1");
  line.rate("c", "0", "1");
  line.rate("b", "1", "3");
  line.rate("c", "1", "0");
  equal(line.queue.state.waiting, 2);
  await line.last.answer(stored());
  equal(line.told, [["key-1", "a: . > 1"], ["key-2", "b: . > 3"]]);
  equal(line.kind, "saving");
});

test("an item changed while it is out follows with the value that is out", async () => {
  const line = new Line();
  line.rate("a", ".", "1");
  line.rate("a", "1", "2");
  line.rate("a", "2", ".");
  await line.last.answer(stored());
  equal(line.told, [["key-1", "a: . > 1"], ["key-2", "a: 1 > ."]]);
  equal([line.kind, line.saved], ["saving", ["a 1"]]);
  await line.last.answer(stored());
  equal([line.kind, line.saved], ["saved", ["a 1", "a ."]]);
});

test("the queue knows better than the page what the server will have", async () => {
  const line = new Line();
  line.rate("a", ".", "1");
  line.rate("a", ".", "2");
  await line.last.answer(stored());
  equal(line.told[1], ["key-2", "a: 1 > 2"]);
});

test("two batches that fail side by side are one failure", async () => {
  const line = new Line();
  line.rate("a", ".", "1");
  line.rate("b", ".", "1");
  line.queue.flush();
  await line.sent[0].answer(LOST);
  await line.sent[1].answer(LOST);
  equal([line.queue.state.retryIn, line.clock.running], [1, 1]);
  await line.clock.pass(1000);
  await line.last.answer(stored());
  equal(line.told.slice(2), [["key-1", "a: . > 1"], ["key-2", "b: . > 1"]]);
});

test("an answer that was lost is asked for again, the same batch under the same key, before a later change", async () => {
  const line = new Line();
  line.rate("a", ".", "1");
  line.rate("a", "1", "2");
  await line.last.answer(LOST);
  equal([line.kind, line.queue.state.retryIn], ["retrying", 1]);
  line.rate("b", ".", "0");
  await line.clock.pass(999);
  equal(line.sent.length, 1);
  await line.clock.pass(1);
  equal(line.sent[1].batch === line.sent[0].batch, true);
  await line.last.answer(stored());
  equal(line.told[2], ["key-2", "a: 1 > 2", "b: . > 0"]);
});

test("attempts come after 1, 2, 4, 8, 15 and then every 30 seconds, and wake makes one at once", async () => {
  const line = new Line();
  line.rate("a", ".", "1");
  for (const seconds of [1, 2, 4, 8, 15, 30, 30]) {
    await line.last.answer({ kind: "unknown", offline: true });
    equal([line.kind, line.queue.state.retryIn], ["offline", seconds]);
    const before = line.sent.length;
    await line.clock.pass(seconds * 1000 - 1);
    equal(line.sent.length, before);
    await line.clock.pass(1);
    equal(line.sent.length, before + 1);
  }
  await line.last.answer(LOST);
  const before = line.sent.length;
  line.queue.wake();
  equal([line.sent.length, line.clock.running, line.kind], [before + 1, 0, "saving"]);
});

test("a tab that slept for hours sends once, the same batch", async () => {
  const line = new Line();
  line.rate("a", ".", "1");
  await line.last.answer(LOST);
  await line.clock.sleep(5 * 3600 * 1000);
  line.queue.wake();
  equal(line.told, [["key-1", "a: . > 1"], ["key-1", "a: . > 1"]]);
});

test("a rating that somebody else changed is told with what the person wants last", async () => {
  const line = new Line();
  line.rate("a", ".", "1");
  line.rate("a", "1", "2");
  line.rate("b", ".", "0");
  await line.last.answer(stored({ conflicts: [theirs("a", "3")] }));
  equal(line.detailsOf("conflict"), [{ ...theirs("a", "3"), mine: "2" }]);
  equal([line.saved, line.queue.state.savedAt], [[], ""]);
  await line.last.answer(stored());
  equal([line.kind, line.queue.state.elsewhere, line.saved], ["elsewhere", 1, ["b 0"]]);
  equal(line.queue.holds({ sheet: 12, code: "a" }), true);
  line.rate("a", "1", "2");
  equal(line.told[2], ["key-3", "a: 3 > 2"]);
});

test("whoever keeps the other's rating has nothing left to send", async () => {
  const line = new Line();
  line.rate("a", ".", "1");
  await line.last.answer(stored({ conflicts: [theirs("a", "3")] }));
  line.rate("a", "3", "3");
  equal([line.kind, line.queue.state.elsewhere, line.sent.length], ["empty", 0, 1]);
});

test("a later wish that is what the other set needs no question", async () => {
  const line = new Line();
  line.rate("a", ".", "1");
  line.rate("a", "1", "3");
  await line.last.answer(stored({ conflicts: [theirs("a", "3")] }));
  equal([line.kind, line.saved, line.detailsOf("conflict")], ["saved", ["a 3"], []]);
});

test("a note and a rating of one item go in batches of their own and are apart", async () => {
  const line = new Line();
  line.rate("z", ".", "1");
  line.note("a", "", "mine");
  line.rate("a", ".", "2");
  await line.last.answer(stored());
  equal(line.told[1], ["key-2", 'a: "" > "mine"']);
  await line.last.answer(stored({ notesApart: [{ sheet: 12, code: "a", text: "theirs", by: "Maria Example" }] }));
  equal(line.told[2], ["key-3", "a: . > 2"]);
  equal(line.detailsOf("note-apart"), [{ sheet: 12, code: "a", text: "theirs", by: "Maria Example", mine: "mine" }]);
  await line.last.answer(stored());
  equal([line.kind, line.saved], ["elsewhere", ["z 1", "a 2"]]);
});

test("signed out, all is kept, and goes on in order after", async () => {
  const line = new Line();
  line.rate("a", ".", "1");
  await line.last.answer({ kind: "signed-out" });
  line.rate("a", "1", "2");
  line.queue.flush();
  line.queue.wake();
  line.queue.retryNow();
  await line.clock.pass(100_000);
  equal([line.kind, line.queue.state.waiting, line.sent.length], ["signed-out", 1, 1]);
  line.queue.resume();
  equal([line.told[1], line.kind], [["key-1", "a: . > 1"], "saving"]);
  await line.last.answer(stored());
  equal(line.told[2], ["key-2", "a: 1 > 2"]);
});

test("a late signed out from before the sign-in does not sign out again", async () => {
  const line = new Line();
  line.rate("a", ".", "1");
  line.queue.pause();
  line.queue.resume();
  await line.last.answer({ kind: "signed-out" });
  equal(line.kind, "retrying");
  await line.clock.pass(1000);
  await line.last.answer({ kind: "signed-out" });
  equal(line.kind, "signed-out");
});

test("what was refused is kept, told, and sent again only when asked", async () => {
  const line = new Line();
  line.rate("a", ".", "1");
  await line.last.answer({ kind: "refused", problem: "It was submitted." });
  line.rate("b", ".", "1");
  line.queue.wake();
  line.queue.flush();
  await line.clock.pass(100_000);
  equal([line.kind, line.queue.state.problem, line.queue.state.waiting], ["refused", "It was submitted.", 2]);
  equal(line.detailsOf("refused")[0].map((/** @type {any} */ it) => [it.entry.code, it.sentence]), [["a", "It was submitted."]]);
  equal(line.sent.length, 1);
  line.queue.retryNow();
  equal(line.told[1], ["key-1", "a: . > 1"]);
});

test("bad items are told and the others go again without them", async () => {
  const line = new Line();
  line.rate("z", ".", "1");
  for (const code of ["a", "b", "c"]) line.rate(code, ".", "n");
  await line.last.answer(stored());
  line.rate("c", "n", "1");
  line.rate("d", ".", "1");
  await line.last.answer({ kind: "bad", problem: "Some are wrong.", items: { "12-b": "No N/A here.", "12-c": "Nor here." } });
  equal(line.told[2], ["key-3", "a: . > n", "c: . > 1", "d: . > 1"]);
  equal(line.detailsOf("refused").flat().map((/** @type {any} */ it) => [it.entry.code, it.sentence]), [["b", "No N/A here."]]);
  await line.last.answer(stored());
  equal([line.kind, line.queue.state.waiting, line.queue.state.problem], ["refused", 1, "No N/A here."]);
  line.rate("b", "n", "0");
  equal(line.told[3], ["key-4", "b: . > 0"]);
  await line.last.answer(stored());
  equal(line.kind, "saved");
});

test("bad without a name stops, and loses nothing", async () => {
  const line = new Line();
  line.rate("a", ".", "1");
  await line.last.answer({ kind: "bad", problem: "Not understood.", items: {} });
  equal([line.kind, line.queue.state.waiting, line.queue.state.problem], ["refused", 1, "Not understood."]);
});

test("flush sends what waits at once, but not past a change of the same item that is out", async () => {
  const line = new Line();
  line.rate("a", ".", "1");
  line.rate("a", "1", "2");
  line.rate("b", ".", "3");
  line.queue.flush();
  equal(line.told, [["key-1", "a: . > 1"], ["key-2", "b: . > 3"]]);
  equal(line.sent.map((one) => one.keepalive), [true, true]);
  await line.sent[1].answer(stored());
  equal([line.saved, line.kind, line.sent.length], [["b 3"], "saving", 2]);
  await line.sent[0].answer(LOST);
  line.queue.flush();
  equal(line.told[2], ["key-1", "a: . > 1"]);
  await line.sent[2].answer(stored());
  equal(line.told[3], ["key-3", "a: 1 > 2"]);
});

test("no more is flushed than may outlive the page", async () => {
  const line = new Line();
  for (let count = 0; count < 10; count += 1) line.note(`n${count}`, "", `${count}`.repeat(12_000));
  line.rate("a", ".", "1");
  line.queue.flush();
  const bodies = line.sent.map(({ batch }) => JSON.stringify(batch).length);
  equal(bodies.reduce((sum, bytes) => sum + bytes, 0) < 64_000, true);
  equal(line.sent.every((one) => one.keepalive), true);
  equal(line.told.flat().includes("a: . > 1"), true);
  equal(line.queue.state.waiting, 11);
});

test("what is too large for keepalive goes without", () => {
  const line = new Line();
  line.note("a", "", "x".repeat(70_000));
  equal(line.sent.map((one) => one.keepalive), [false]);
});

test("a batch has fifty entries at most", async () => {
  const line = new Line();
  for (let count = 0; count < 102; count += 1) line.rate(`i${count}`, ".", "1");
  await line.last.answer(stored());
  await line.last.answer(stored());
  await line.last.answer(stored());
  equal(line.sent.map(({ batch }) => batch.ratings.length), [1, 50, 50, 1]);
});

test("idle waits through failures, and ends when all is stored or nothing goes on", async () => {
  const line = new Line();
  equal((await line.queue.idle()).kind, "empty");
  for (const [end, kind] of /** @type {const} */ ([
    [stored(), "saved"],
    [{ kind: "unknown", offline: true }, "offline"],
    [{ kind: "refused", problem: "No." }, "refused"],
    [{ kind: "signed-out" }, "signed-out"],
  ])) {
    line.queue.resume();
    line.rate(kind, ".", "1");
    let ended = "";
    line.queue.idle().then((state) => (ended = state.kind));
    await line.last.answer(LOST);
    await line.clock.pass(1000);
    equal(ended, "");
    await line.last.answer(end);
    equal(ended, kind);
    if (kind !== "saved") {
      line.queue.resume();
      await line.last.answer(stored());
    }
  }
});

test("a send that fails of itself is unknown", async () => {
  const line = new Line();
  line.rate("a", ".", "1");
  // @ts-expect-error What no transport of ours does.
  await line.last.answer(Promise.reject(new Error("broken")));
  await settled();
  equal(line.kind, "retrying");
});
