/** The button of a page that is meant for paper: without scripts the browser's own menu prints it. */

for (const button of document.querySelectorAll("[data-print]")) {
  button.removeAttribute("hidden");
  button.addEventListener("click", () => window.print());
}
