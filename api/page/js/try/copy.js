/** Copies a snippet to the clipboard; where the browser forbids that, shows it to be copied by hand. */

import { announce, h, put, text } from "../dom.js";

const SAID_MS = 2000;

/**
 * Copy, and say so on the button.
 *
 * @param {HTMLElement} place where it is shown if it cannot be copied
 */
export async function copy(button, place, language, snippet) {
  button.dataset.name ??= button.textContent;
  try {
    await navigator.clipboard.writeText(snippet);
  } catch {
    show(place, language, snippet);
    return;
  }
  place.hidden = true;
  text(button, "Copied");
  announce(`Copied as ${language}.`);
  setTimeout(() => text(button, button.dataset.name), SAID_MS);
}

/** Show the snippet: browsers have a clipboard only on HTTPS and on localhost. */
function show(place, language, snippet) {
  const code = h("pre", { tabindex: "0", role: "region", "aria-label": `The request as ${language}` }, h("code", {}, snippet));
  put(place, code);
  place.hidden = false;
  getSelection().selectAllChildren(code);
  announce(`The request as ${language} is shown and selected.`);
}
