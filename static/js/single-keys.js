// Single keys: the sheet that names a page's keys, and whether the page listens to them at all (WCAG
// 2.1.4). One choice of the person's for every page that has keys.

import { keep, NOT_KEPT } from "./switches.js";

/**
 * The page's `components/keys.html`, its switch and the button that opens it.
 * @param {() => void} [switched]  told when keys are switched on or off
 */
export function keysSheet(switched) {
  const sheet = /** @type {HTMLDialogElement} */ (document.querySelector("#keys"));
  const on = /** @type {HTMLInputElement} */ (sheet.querySelector("[data-keys-on]"));
  const kept = /** @type {HTMLElement} */ (sheet.querySelector("[data-keys-kept]"));
  const button = /** @type {HTMLButtonElement} */ (document.querySelector("[data-keys-help]"));
  on.checked = button.dataset.on === "yes";
  on.addEventListener("change", async () => {
    switched?.();
    kept.textContent = (await keep(button, "single_keys", on.checked)) ? "" : NOT_KEPT;
  });
  const help = () => sheet.showModal();
  button.hidden = false;
  button.addEventListener("click", help);
  return { areOn: () => on.checked, help };
}

/** A key that is part of something else: composing a letter, or a browser's own shortcut. @param {KeyboardEvent} event */
export const isNoSingleKey = (event) =>
  event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey;

/** @param {EventTarget | null} target */
export function isTyping(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input:not([type=radio], [type=checkbox]), textarea, select"));
}
