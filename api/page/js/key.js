/** The API key, where the service asks for one: kept until this tab is closed, sent to this service alone. */

import { $, announce, h, put } from "./dom.js";
import { facts } from "./facts.js";

const NAME = "sentiment-key";
const SENDABLE = /^[\x20-\x7e]*$/; // characters that every browser can put into a header
let key = read();
const listeners = new Set();

/** Return the key, or "". */
export const currentKey = () => key;

/** Call `listener` whenever the key has changed. */
export function onKey(listener) {
  listeners.add(listener);
}

/** Show the button if keys are in use. */
export function startKey() {
  const button = $("key-button");
  button.hidden = !facts.keys;
  button.addEventListener("click", () => askForKey());
  name(button);
}

/** Open the dialog. */
export function askForKey() {
  const dialog = $("key-dialog");
  if (!dialog.showModal) {
    const value = prompt("API key");
    if (value !== null) {
      change(value.trim());
    }
  } else if (!dialog.open) {
    put(dialog, form(dialog));
    dialog.showModal();
  }
}

function form(dialog) {
  const input = h("input", { id: "key-input", type: "password", autocomplete: "off", value: key });
  const submit = (event) => {
    event.preventDefault();
    input.setCustomValidity(SENDABLE.test(input.value) ? "" : "A browser can send only letters, digits and signs of ASCII as a key.");
    if (input.reportValidity()) {
      dialog.close();
      change(input.value.trim());
    }
  };
  return h("form", { onsubmit: submit, novalidate: true },
    h("h2", { id: "key-title" }, "API key"),
    h("p", { class: "soft small" },
      "This service answers only those who have a key. It is kept until you close this tab and sent to this service alone."),
    h("div", { class: "field" }, h("label", { for: "key-input" }, "Key"), input),
    h("div", { class: "dialog-foot" },
      h("button", { type: "button", class: "quiet", onclick: () => dialog.close() }, "Cancel"),
      h("button", { type: "submit", class: "primary" }, "Use this key")));
}

function change(value) {
  key = value;
  try {
    sessionStorage.setItem(NAME, key);
  } catch {
    // The browser stores nothing: the key is lost with the page.
  }
  name($("key-button"));
  announce(key ? "The key is set." : "The key is removed.");
  for (const listener of listeners) {
    listener();
  }
}

function name(button) {
  button.textContent = key ? "API key is set" : "API key";
}

function read() {
  try {
    return sessionStorage.getItem(NAME) || "";
  } catch {
    return "";
  }
}
