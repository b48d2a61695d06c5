/** Shows a problem: its sentence, a countdown if it may be tried again, and a button for the next step. */

import { announce, h, put, text } from "./dom.js";
import { plural } from "./format.js";
import { askForKey } from "./key.js";
import { explain } from "./problems.js";

const MOST_TRIES = 20;

/**
 * Make the box of a notice.
 *
 * @param {{title: string, text?: string, list?: string[], small?: string, bad?: boolean}} told
 */
export function box({ title, text: words, list, small, bad }, ...rest) {
  return h("div", { class: bad ? "notice bad" : "notice" },
    h("div", {},
      h("p", { class: "notice-title" }, title),
      words && h("p", {}, words),
      list && h("ul", {}, list.map((line) => h("li", {}, line))),
      small && h("p", { class: "small" }, small)),
    rest);
}

/** The place for one notice; a new one replaces the last. */
export class Notice {
  constructor(place) {
    this.place = place;
    this.timer = 0;
    this.tries = 0;
  }

  /** Remove the notice: the request was answered. */
  clear() {
    this.tries = 0;
    this.remove();
  }

  /** Remove it for the time of another try. */
  remove() {
    clearInterval(this.timer);
    put(this.place);
  }

  /**
   * Show a problem.
   *
   * @param {{again?: () => void, job?: () => void}} actions
   */
  show(problem, actions = {}) {
    this.remove();
    const told = explain(problem);
    const buttons = h("div", { class: "actions" });
    const id = told.bad && problem.requestId && !told.text.includes(problem.requestId) && `Request ${problem.requestId}`;
    put(this.place, box({ ...told, small: id }, buttons));
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
