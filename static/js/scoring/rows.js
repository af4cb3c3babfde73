// One item of one sheet as the page shows it. The server's markup is all there is: a row holds no
// answer that the page does not show.

import { element } from "../dom.js";

export const UNRATED = ".";

/** @type {WeakMap<Element, Row>} */
const known = new WeakMap();

/**
 * The row that an element of the form belongs to.
 * @param {EventTarget | null} target
 */
export function rowOf(target) {
  const element = target instanceof Element ? target.closest("fieldset.item") : null;
  if (!(element instanceof HTMLFieldSetElement)) return null;
  const row = known.get(element) ?? new Row(element);
  known.set(element, row);
  return row;
}

/**
 * @param {HTMLFormElement} form
 * @param {number | string} sheet
 * @param {string} code
 */
export function rowAt(form, sheet, code) {
  return rowOf(form.querySelector(`#${CSS.escape(`item-${sheet}-${code}`)}`));
}

/** All rows in the order of the form. @param {HTMLFormElement} form */
export const fieldsets = (form) => [...form.querySelectorAll("fieldset.item")];

/** @param {Element} fieldset */
export const isUnrated = (fieldset) => fieldset.querySelector("input[type=radio]:checked") === null;

export class Row {
  /** @param {HTMLFieldSetElement} element */
  constructor(element) {
    this.element = element;
    this.sheet = Number(element.dataset.sheet);
    this.code = element.dataset.code ?? "";
    /** The rating that the server has, or is about to. */
    this.shown = this.#hidden("seen")?.value ?? UNRATED;
    /** The note likewise. */
    this.noteSeen = this.#hidden("noteseen")?.value ?? "";
    /** How often the person has rated it in this page. */
    this.changes = 0;
  }

  /** What is chosen in the page, which may be more than the server knows. */
  get chosen() {
    return this.#checked()?.value ?? UNRATED;
  }

  get key() {
    return `${this.sheet}-${this.code}`;
  }

  get name() {
    return this.element.querySelector("legend > span:last-child")?.firstChild?.textContent?.trim() ?? "";
  }

  /** @returns {HTMLInputElement[]} */
  get radios() {
    return [...this.element.querySelectorAll("input")].filter((input) => input.type === "radio");
  }

  get note() {
    return /** @type {HTMLTextAreaElement} */ (this.element.querySelector("textarea"));
  }

  get details() {
    return /** @type {HTMLDetailsElement} */ (this.element.querySelector("details.item-note"));
  }

  /** The rating of last time, or "". */
  get was() {
    const said = this.element.querySelector("[data-was]");
    return said instanceof HTMLElement ? (said.dataset.was ?? "") : "";
  }

  /** @param {string} value */
  allows(value) {
    return this.radios.some((radio) => radio.value === value);
  }

  /** Choose a level as if the person had; UNRATED clears. @param {string} value */
  show(value) {
    this.shown = value;
    for (const radio of this.radios) radio.checked = radio.value === value;
    const clear = this.element.querySelector(".item-note .choice");
    if (clear instanceof HTMLElement) clear.hidden = value === UNRATED;
  }

  /** What the plain form would send as seen, should the script stop. @param {string} value */
  stored(value) {
    const seen = this.#hidden("seen");
    if (seen) seen.value = value;
  }

  /** @param {"" | "saving" | "saved" | "unsaved" | "elsewhere"} state @param {string} [words] */
  mark(state, words = "") {
    if (state) this.element.dataset.state = state;
    else delete this.element.dataset.state;
    const id = `said-${this.key}`;
    const others = (this.element.getAttribute("aria-describedby") ?? "").split(" ").filter((one) => one && one !== id);
    this.element.querySelector(".item-said")?.remove();
    if (words) {
      this.element.querySelector("legend")?.after(element("p", { class: "item-said", id }, words));
      others.unshift(id);
    }
    if (others.length) this.element.setAttribute("aria-describedby", others.join(" "));
    else this.element.removeAttribute("aria-describedby");
  }

  /** What is to be said of it, however it stands. @param {string} words */
  remark(words) {
    this.mark(/** @type {"" | "saving" | "saved" | "unsaved" | "elsewhere"} */ (this.element.dataset.state ?? ""), words);
  }

  focus() {
    const target = this.#checked() ?? this.radios[0];
    target.focus({ preventScroll: true });
    this.element.scrollIntoView({ block: "nearest" });
  }

  /** The note as somebody else left it. @param {string} text */
  showNote(text) {
    this.note.value = this.noteSeen = text;
    this.details.open = text !== "";
    this.labelNote();
  }

  labelNote() {
    const label = this.details.querySelector("[data-note-label]");
    if (label) label.textContent = this.noteSeen ? "Note" : "Add a note";
  }

  openNote() {
    this.details.open = true;
    this.note.focus();
  }

  /**
   * Show both, and let the person choose.
   * @param {"rating" | "note"} about
   * @param {string} sentence
   * @param {[string, () => void][]} choices  what the button says, what it does
   */
  ask(about, sentence, choices) {
    this.stopAsking(about);
    const buttons = choices.map(([words, act]) => {
      const made = element("button", { type: "button", class: "button button-small" }, words);
      made.addEventListener("click", act);
      return made;
    });
    const box = element(
      "div",
      { class: "item-asks", role: "group", "aria-label": `Which ${about} is right for ${this.name}?`, "data-about": about },
      element("p", {}, sentence),
      element("p", { class: "buttons" }, ...buttons),
    );
    this.details.before(box);
  }

  /** @param {"rating" | "note"} about */
  stopAsking(about) {
    this.#asking(about)?.remove();
  }

  /** Whether there is something to choose in it with a button. */
  get asks() {
    return this.element.querySelector(".item-asks") !== null;
  }

  /** @param {"rating" | "note"} about */
  isAsking(about) {
    return this.#asking(about) !== null;
  }

  /** A rating as people read it: "2, act". @param {string} value */
  words(value) {
    const radio = this.radios.find((one) => one.value === value);
    return radio?.nextElementSibling?.textContent?.trim().replace(/\s+/, ", ") ?? "not yet rated";
  }

  /** @param {"seen" | "noteseen"} kind @returns {HTMLInputElement | null} */
  #hidden(kind) {
    return this.element.querySelector(`input[name="${CSS.escape(`${kind}-${this.key}`)}"]`);
  }

  /** @param {"rating" | "note"} about */
  #asking(about) {
    return this.element.querySelector(`.item-asks[data-about=${about}]`);
  }

  #checked() {
    return this.radios.find((radio) => radio.checked);
  }
}
