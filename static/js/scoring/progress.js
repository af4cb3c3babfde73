// "n of N", in the heads of the sections, in their list and over all.

import { fieldsets, isUnrated } from "./rows.js";

/** @param {HTMLFormElement} form */
export function showProgress(form) {
  let all = 0;
  for (const part of form.querySelectorAll("section[id^='part-']")) {
    const items = [...part.querySelectorAll("fieldset.item")];
    const done = items.filter((item) => !isUnrated(item)).length;
    all += done;
    say(`[data-done-of="${CSS.escape(part.id.slice("part-".length))}"]`, done);
    document
      .querySelector(`[data-part="${CSS.escape(part.id.slice("part-".length))}"]`)
      ?.classList.toggle("done", done === items.length);
  }
  say("[data-done-in-all]", all);
  return { done: all, total: fieldsets(form).length };
}

/** @param {string} selector @param {number} count */
function say(selector, count) {
  for (const place of document.querySelectorAll(selector)) {
    if (place.textContent !== String(count)) place.textContent = String(count);
  }
}
