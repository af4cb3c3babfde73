// "n of N", in the heads of the sections, in their list and over all.

/** @param {HTMLFormElement} form */
export function showProgress(form) {
  let all = 0;
  for (const part of form.querySelectorAll("section[id^='part-']")) {
    const name = CSS.escape(part.id.slice("part-".length));
    const done = part.querySelectorAll("input[type=radio]:checked").length; // one an item
    all += done;
    say(`[data-done-of="${name}"]`, done);
    const isDone = done === part.querySelectorAll("fieldset.item").length;
    document.querySelector(`[data-part="${name}"]`)?.classList.toggle("done", isDone);
  }
  say("[data-done-in-all]", all);
}

/** @param {string} selector @param {number} count */
function say(selector, count) {
  for (const place of document.querySelectorAll(selector)) {
    if (place.textContent !== String(count)) place.textContent = String(count);
  }
}
