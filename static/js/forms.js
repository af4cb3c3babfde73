// What every form of a page does with scripts.
//
// A form with more in it than a choice asks before what was typed is left behind: `<form
// data-asks-before-leaving>`. With the value "now" from the start, where the server gave back what it did
// not save.
//
// Compared with what the server wrote, not with what was there when this module came: a browser that
// brings back what was typed, on the way back, brings back what is not saved.

/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Field */

/** @type {HTMLFormElement[]} */
const forms = [...document.querySelectorAll("form")].filter((form) => "asksBeforeLeaving" in form.dataset);

/** On its way to the server, and with it what was typed. @type {HTMLFormElement | null} */
let sent = null;

/** @param {HTMLFormElement} form */
const isUnsaved = (form) =>
  form !== sent && (form.dataset.asksBeforeLeaving === "now" || [...form.elements].some(isChanged));

/** @param {Element} field */
function isChanged(field) {
  if (field instanceof HTMLSelectElement) return isChosenAnew(field);
  if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
  if (!(field instanceof HTMLInputElement)) return false;
  return field.value !== field.defaultValue || field.checked !== field.defaultChecked;
}

/** Where the server chose nothing, a list that shows one choice begins with its first. @param {HTMLSelectElement} field */
function isChosenAnew(field) {
  const options = [...field.options];
  const chosen = options.filter((option) => option.defaultSelected);
  if (!chosen.length && field.type === "select-one") return field.selectedIndex > 0;
  return options.some((option) => option.selected !== option.defaultSelected);
}

addEventListener("beforeunload", (event) => {
  if (forms.some(isUnsaved)) event.preventDefault();
});

for (const form of forms) {
  form.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) sent = form;
  });
  // Typed after it was sent, which nobody has sent.
  form.addEventListener("input", () => {
    sent = null;
  });
}

// Back from where the form led to, the page as it was left: what was typed then is saved, or was refused.
addEventListener("pageshow", (event) => {
  if (event.persisted) sent = null;
});

// A browser sends a date that does not exist as none at all, and what was typed is gone: it says so first.
document.addEventListener(
  "submit",
  (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    const half = [...form.elements].find((field) => field instanceof HTMLInputElement && field.validity.badInput);
    if (!(half instanceof HTMLInputElement)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    half.reportValidity();
  },
  { capture: true },
);

export {}; // a module of its own, whoever else names something `forms`
