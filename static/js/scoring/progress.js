// "n of N", in the heads of the sections, in their list and over all.

/** The places where it is said, looked for once: none of them comes or goes. @type {Map<string, Element[]>} */
const known = new Map();

/** @param {HTMLFormElement} form */
export function showProgress(form) {
  let all = 0;
  for (const part of form.getElementsByTagName("section")) {
    const name = CSS.escape(part.id.slice("part-".length));
    const done = part.querySelectorAll("input[type=radio]:checked").length; // one an item
    all += done;
    say(`[data-done-of="${name}"]`, done);
    const isDone = done === part.querySelectorAll("fieldset.item").length;
    for (const line of places(`[data-part="${name}"]`)) line.classList.toggle("done", isDone);
  }
  say("[data-done-in-all]", all);
}

/** @param {string} selector */
function places(selector) {
  const found = known.get(selector) ?? [...document.querySelectorAll(selector)];
  known.set(selector, found);
  return found;
}

/** @param {string} selector @param {number} count */
function say(selector, count) {
  for (const place of places(selector)) {
    if (place.textContent !== String(count)) place.textContent = String(count);
  }
}
