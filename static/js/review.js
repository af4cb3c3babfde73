// The keys of the review, and the question before an approval. Without this module the same links and
// buttons stand in the page, and the question's words beside its button.

import { isNoSingleKey, isTyping, keysSheet } from "./single-keys.js";

/** Absent where this person may not decide. */
const approval = /** @type {HTMLFormElement | null} */ (document.querySelector("#approve"));
const question = /** @type {HTMLDialogElement | null} */ (document.querySelector("#confirm"));
const changes = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".changes > .change")]);
const keys = keysSheet();

// Approving: the button in the question sends the form, every other way asks it first.

approval?.addEventListener("submit", (event) => {
  if (event.submitter?.hasAttribute("data-confirmed")) return question?.close();
  event.preventDefault();
  question?.showModal();
});

// A held Enter is one press: it opens the question and does not answer it.
question?.addEventListener("keydown", (event) => {
  if (event.repeat) event.preventDefault();
});

// Keys

/** Which change has the focus; -1 where none has, so that the next one is the first. */
const at = () => changes.findIndex((change) => change.contains(document.activeElement));

/** @param {Element | null | undefined} link */
const follow = (link) => /** @type {HTMLElement | null | undefined} */ (link)?.click();

/** @type {Record<string, () => void>} */
const ACTS = {
  j: () => changes[at() + 1]?.focus(),
  k: () => changes[at() - 1]?.focus(),
  c: () => follow((changes[at()] ?? document).querySelector(changes[at()] ? "[data-comment]" : "[data-return]")),
  a: () => approval?.requestSubmit(),
  r: () => follow(document.querySelector("[data-return]")),
  "?": keys.help,
};

document.addEventListener("keydown", (event) => {
  if (isNoSingleKey(event) || event.repeat || isTyping(event.target)) return;
  if (!keys.areOn() || document.querySelector("dialog[open]")) return;
  const act = ACTS[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
});

for (const change of changes) change.tabIndex = -1;
