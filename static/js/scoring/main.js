// The scoring page: an answer is sent as it is given, and the page says how that stands. The form under
// it goes on working as a plain form until this module has taken over.

import { element } from "../dom.js";
import { session } from "../session.js";
import { keysSheet } from "../single-keys.js";
import { keep, NOT_KEPT } from "../switches.js";
import { listen } from "./keys.js";
import { typedNotes } from "./notes.js";
import { showProgress } from "./progress.js";
import { SaveQueue } from "./queue.js";
import { fieldsets, isUnrated, rowAt, rowOf, UNRATED } from "./rows.js";
import { StateLine } from "./state-line.js";
import { look, sender } from "./transport.js";
import { keepAwake } from "./wake.js";

/** @typedef {import("./rows.js").Row} Row */

const LOOK_AGAIN_AFTER = 30_000; // milliseconds a tab was away, after which it looks what changed

/** @template {HTMLElement} T @param {string} selector @returns {T} */
const one = (selector) => /** @type {T} */ (document.querySelector(selector));

/** @type {HTMLFormElement} */
const form = one("#ratings");
const url = form.dataset.saveUrl ?? "";
const person = Number(form.dataset.person);
/** @type {HTMLInputElement} */
const token = one("#ratings [name=csrfmiddlewaretoken]");
/** @type {HTMLButtonElement | null} Nothing to hide in a child's first CANS. */
const hideWas = document.querySelector("[data-hide-was]");
/** @type {HTMLAnchorElement} */
const finish = one("[data-finish]");
const says = one("[data-says]");

/** @param {string} words */
const say = (words) => {
  says.textContent = words;
};

const queue = new SaveQueue({ send: sender({ url, person, token: () => token.value }) });
const line = new StateLine(one(".save-state"), say);

/** @type {Row | null} The item that had the focus last. */
let here = null;
form.addEventListener("focusin", ({ target }) => {
  here = rowOf(target) ?? here;
  if (here) showSection(here.element.closest("section"));
});

/** In the list of sections, the one that is being rated. @param {Element | null} section */
function showSection(section) {
  const address = `#${section?.id}`;
  for (const link of document.querySelectorAll("#sections a")) {
    if (link.getAttribute("href") === address) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

/** What became of the wish to go on to the summary. */
const LEAVING = {
  "": "",
  waits: "The summary opens when all is saved.",
  refused: "The summary would not show all of it.",
};
/** @type {keyof LEAVING} */
let leaving = "";

// Ratings

/** @param {Row} row @param {string} value */
function rate(row, value, carried = false) {
  const seen = row.shown;
  stay();
  row.changes += 1;
  row.stopAsking("rating");
  row.show(value);
  queue.rate({ sheet: row.sheet, code: row.code, seen, value, carried });
  row.mark(queue.holds(row) ? "saving" : "saved");
  showProgress(form);
}

form.addEventListener("change", ({ target }) => {
  const row = rowOf(target);
  if (!row || !(target instanceof HTMLInputElement)) return;
  if (target.type === "radio") rate(row, target.value);
  else if (target.checked) {
    target.checked = false;
    rate(row, UNRATED);
    row.focus();
  }
});

// Notes

const notes = typedNotes((row) => {
  // While it is asked which note is right, only an answer to that sends one: not the next word, nor Escape.
  if (!row.isAsking("note")) keepNote(row, row.note.value.trim());
  showState();
});

form.addEventListener("input", ({ target }) => {
  const row = rowOf(target);
  if (!row || target !== row.note || row.isAsking("note")) return;
  notes.typed(row);
  row.mark("saving");
  showState();
});

form.addEventListener("focusout", ({ target }) => {
  const row = rowOf(target);
  if (row && target === row.note) notes.send(row);
});

/** @param {Row} row @param {string} text */
function keepNote(row, text) {
  row.stopAsking("note");
  queue.note({ sheet: row.sheet, code: row.code, seen: row.noteSeen, text });
  row.noteSeen = text;
  row.labelNote();
  row.mark(queue.holds(row) ? "saving" : "saved");
}

// What the server answered

queue.addEventListener("saved", (event) => {
  for (const entry of event.detail) {
    const row = rowAt(form, entry.sheet, entry.code);
    if (!row) continue;
    if ("value" in entry) row.stored(entry.value);
    if (!queue.holds(entry)) row.mark("saved");
  }
});

queue.addEventListener("conflict", (event) => {
  const { sheet, code, value, words, by, at, mine } = event.detail;
  const row = rowAt(form, sheet, code);
  if (!row) return;
  row.mark("elsewhere");
  row.stored(value);
  row.ask("rating", `${who(by)} set this to “${words}” at ${at}; you chose “${row.words(mine)}”.`, [
    [`Keep “${words}”`, () => choose(row, () => rate(row, value))],
    [`Use mine: “${row.words(mine)}”`, () => choose(row, () => rate(row, mine))],
  ]);
  say(`${row.name}: ${who(by)} set another rating. Choose which is right.`);
});

/** Two windows of one person are two who may differ. @param {string} name */
const who = (name) => (name === form.dataset.personName ? "In another window you" : name);

queue.addEventListener("note-apart", (event) => {
  const { sheet, code, text, by } = event.detail;
  const row = rowAt(form, sheet, code);
  if (!row) return;
  row.mark("elsewhere");
  row.details.open = true;
  row.ask("note", text ? `${who(by)} changed this note to “${text}”. Yours is below.` : `${who(by)} removed this note. Yours is below.`, [
    [text ? "Keep theirs" : "Leave it away", () => choose(row, () => keepNote(row, (row.note.value = text)))],
    ["Use mine", () => choose(row, () => keepNote(row, row.note.value.trim()))],
  ]);
  say(`${row.name}: ${who(by)} changed the note. Choose which is right.`);
});

/** @param {Row} row @param {() => void} act */
function choose(row, act) {
  act();
  row.focus();
}

queue.addEventListener("refused", (event) => {
  for (const { entry, sentence } of event.detail) {
    rowAt(form, entry.sheet, entry.code)?.mark("unsaved", sentence);
  }
});

queue.addEventListener("state", () => {
  if (queue.state.kind === "saved") session.active();
  if (queue.state.kind === "signed-out") session.end();
  showState();
});

// The state line

const tryNow = element("button", { type: "button", class: "button button-small" }, "Try now");
tryNow.addEventListener("click", () => {
  here?.focus(); // the button goes as it is pressed, and the keys go on where they were
  queue.retryNow();
});

function showState() {
  const { state } = queue;
  if (state.kind === "saved" && leaving === "refused") leaving = "";
  const kind = notes.areResting() && IS_SAVED.has(state.kind) ? "saving" : state.kind;
  line.show({ ...state, kind }, helpNow(), LEAVING[leaving]);
}

/** What a note that is being typed makes untrue. */
const IS_SAVED = new Set(["empty", "saved"]);

function helpNow() {
  const { kind } = queue.state;
  if (["retrying", "offline", "refused"].includes(kind)) return tryNow;
  if (kind !== "elsewhere") return null;
  const id = form.querySelector(".item-asks")?.closest("fieldset")?.id;
  return element("a", { href: `#${id}` }, "Go there");
}

// Signed out, and in again

session.addEventListener("over", () => queue.pause());
session.addEventListener("back", (event) => {
  token.value = /** @type {CustomEvent<{csrf: string}>} */ (event).detail.csrf;
  queue.resume();
});

// Leaving

const isUnsaved = () => notes.areResting() || queue.state.waiting > 0 || queue.state.elsewhere > 0;

addEventListener("beforeunload", (event) => {
  notes.sendAll();
  if (isUnsaved()) event.preventDefault();
});

keepAwake(queue, notes.sendAll);

finish.addEventListener("click", async (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return; // another window, this one stays
  event.preventDefault();
  notes.sendAll();
  goOn("waits");
  await queue.idle();
  if (leaving !== "waits") return;
  if (!isUnsaved()) location.assign(finish.href);
  else goOn("refused");
});

/** @param {"waits" | "refused"} how */
function goOn(how) {
  leaving = how;
  showState();
  if (isUnsaved()) say(line.words.textContent ?? "");
}

/** Whoever goes on rating is not led away in the middle of it. */
function stay() {
  if (!leaving) return;
  leaving = "";
  showState();
}

addEventListener("keydown", stay, { capture: true });
addEventListener("pageshow", stay);

// Enter in a field of a note's kind, or a script that presses the form: the answers are saved already.
form.addEventListener("submit", (event) => {
  event.preventDefault();
  finish.click();
});

// Coming back

let away = 0;
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") away = Date.now();
  else if (away && Date.now() - away > LOOK_AGAIN_AFTER) lookAgain();
});
addEventListener("pageshow", (event) => {
  if (event.persisted) lookAgain();
});

/** Show what was changed elsewhere meanwhile, where the person has nothing of their own on its way. */
async function lookAgain() {
  const rows = fieldsets(form).map((fieldset) => /** @type {Row} */ (rowOf(fieldset)));
  const before = new Map(rows.filter((row) => !queue.holds(row)).map((row) => [row, row.changes]));
  const there = await look(url);
  if (!there || there.by !== person) return;
  const changed = new Set();
  for (const [sheet, values] of Object.entries(there.sheets)) {
    for (const [code, value] of Object.entries(values)) {
      const row = rowAt(form, sheet, code);
      // Of what the person changed meanwhile the answer may be older than what is stored by now.
      if (!row || queue.holds(row) || before.get(row) !== row.changes || row.shown === value) continue;
      row.show(value);
      row.stored(value);
      changed.add(row);
    }
  }
  for (const row of rows) {
    const text = there.notes[row.sheet]?.[row.code] ?? "";
    if (queue.holds(row) || before.get(row) !== row.changes || row.noteSeen === text) continue;
    if (row.note.value.trim() !== row.noteSeen) continue; // being written; its save asks which is right
    row.showNote(text);
    changed.add(row);
  }
  for (const row of changed) row.mark("elsewhere", "Changed elsewhere while this window was away.");
  if (changed.size) say(changed.size === 1 ? "1 item was changed elsewhere." : `${changed.size} items were changed elsewhere.`);
  showProgress(form);
}

// Keys

const keys = keysSheet(setTabStops);

/** With single keys on, an item is one stop and `m` opens its note. */
function setTabStops() {
  for (const summary of form.querySelectorAll("summary")) {
    if (keys.areOn()) summary.tabIndex = -1;
    else summary.removeAttribute("tabindex");
  }
}

// Last ratings

const isBlind = () => hideWas?.getAttribute("aria-pressed") === "true";

/** @param {boolean} hide */
function hideLastRatings(hide) {
  hideWas?.setAttribute("aria-pressed", String(hide));
  for (const was of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-was]"))) {
    was.dataset.words ??= was.textContent ?? "";
    was.textContent = hide ? "" : was.dataset.words;
  }
}

hideWas?.addEventListener("click", async () => {
  hideLastRatings(!isBlind());
  if (!(await keep(hideWas, "last_ratings", !isBlind()))) say(NOT_KEPT);
});

listen(form, {
  rate,
  refuse(row, words) {
    row.remark(words);
    say(words);
  },
  help: keys.help,
  done() {
    say("Everything is rated.");
    finish.focus();
  },
  areOn: keys.areOn,
  isBlind,
});

// Taking over

one("[data-plain]").remove();
one("[data-live]").hidden = false;
setTabStops();
showState();
// What was chosen before this module came, or could not be saved as a plain form.
for (const fieldset of fieldsets(form)) {
  const row = rowOf(fieldset);
  if (row && row.chosen !== row.shown) rate(row, row.chosen);
  if (row && row.note.value.trim() !== row.noteSeen) notes.send(row);
}

/** To the item the address names, the first one to rate in the section it names, or where there is something to do. */
function land() {
  const named = document.getElementById(location.hash.slice(1) || (form.dataset.land ?? ""));
  const items = named?.matches("section") ? [...named.querySelectorAll("fieldset.item")] : [];
  const row = rowOf(items.find(isUnrated) ?? items[0] ?? named);
  if (row) row.focus();
  else if (fieldsets(form).every((fieldset) => !isUnrated(fieldset))) finish.focus();
}

addEventListener("hashchange", land);
// A browser takes the focus away when it has found the address's place, which may be after this module.
if (document.readyState === "complete" || !location.hash) land();
else addEventListener("load", () => requestAnimationFrame(land), { once: true });
