/** Showing a problem: its sentence, a countdown if it may be tried again, and a button for what to do. */

import { announce, h, put, text } from "./dom.js";
import { plural } from "./format.js";
import { askForKey } from "./key.js";
import { explain } from "./problems.js";

const MOST_TRIES = 20;

/** The place for one notice; a new one replaces the last. */
export class Notice {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    this.timer = 0;
    this.tries = 0;
  }

  /** Take the notice away: it went well. */
  clear() {
    this.tries = 0;
    this.remove();
  }

  /** Take it away for the time of another try. */
  remove() {
    clearInterval(this.timer);
    put(this.place);
  }

  /**
   * Show a problem.
   *
   * @param {import("./api.js").Problem} problem
   * @param {{again?: () => void, job?: () => void}} actions
   */
  show(problem, actions = {}) {
    this.remove();
    const told = explain(problem);
    const buttons = h("div", { class: "actions" });
    put(this.place, h("div", { class: told.bad ? "notice bad" : "notice" },
      h("div", {},
        h("p", { class: "notice-title" }, told.title),
        told.text && h("p", {}, told.text),
        told.list && h("ul", {}, told.list.map((line) => h("li", {}, line))),
        told.bad && problem.requestId && !told.text.includes(problem.requestId)
          && h("p", { class: "small" }, `Request ${problem.requestId}`)),
      buttons));
    this.#offer(told, actions, buttons);
    announce([told.title, told.text, ...(told.list || [])].filter(Boolean).join(". "));
  }

  #offer(told, actions, buttons) {
    if (told.key) {
      buttons.append(h("button", { type: "button", class: "primary", onclick: askForKey }, "Enter a key"));
    }
    if (told.job && actions.job) {
      buttons.append(h("button", { type: "button", class: "primary", onclick: actions.job }, "Send as a job"));
    }
    if (told.again && actions.again) {
      this.#countDown(told.wait || 0, actions.again, buttons);
    }
  }

  /** Count down the wait that the service has asked for, then try again; after a few tries, leave it to the person. */
  #countDown(seconds, again, buttons) {
    const button = h("button", { type: "button", class: "secondary", onclick: again }, "Try again");
    buttons.append(button);
    if (!seconds) {
      return;
    }
    if (this.tries >= MOST_TRIES) {
      this.tries = 0;
      return;
    }
    this.tries += 1;
    let left = seconds;
    const tick = () => text(button, `Try again (in ${plural(left, "second")})`);
    tick();
    this.timer = setInterval(() => {
      left -= 1;
      if (left <= 0) {
        this.remove();
        again();
      } else {
        tick();
      }
    }, 1000);
  }
}
