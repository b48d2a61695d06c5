/** One job as a card: its name, its progress and its buttons. */

import { bars } from "../bars.js";
import { h, put, text } from "../dom.js";
import { facts } from "../facts.js";
import { count, percent, plural, span, timeOfDay } from "../format.js";
import { askForKey } from "../key.js";
import { titleOf, toneOf, wordOf } from "../labels.js";
import { box } from "../notice.js";
import { explain } from "../problems.js";
import { separatorOf } from "./merge.js";
import { phase, totals } from "./state.js";
import { held } from "./submit.js";

const STATES = {
  sending: "Sending",
  waiting: "In the queue",
  working: "Working",
  collecting: "Fetching results",
  done: "Done",
  canceled: "Canceled",
  stopped: "Stopped",
};

const SHOWN = 6; // bars of labels, before the rest is asked for

/** A card that is drawn again as its job changes; nothing in it is replaced that has the focus. */
export class Card {
  constructor(job, actions) {
    this.actions = actions;
    this.seen = [];
    this.state = h("span", { class: "state" });
    this.line = h("p", { class: "soft small num job-line" });
    this.body = h("div", {});
    this.buttons = h("div", { class: "job-buttons" });
    this.element = h("li", { class: "card job", "data-job": job.id },
      h("div", { class: "job-head" }, h("h2", {}, job.source.name), this.state),
      this.body, this.line, this.buttons);
    this.show(job);
  }

  /** Draw a job as it is now. */
  show(job) {
    this.job = job;
    const name = phase(job);
    text(this.state, STATES[name]);
    this.state.className = `state ${name}`;
    const sums = totals(job);
    if (name in { done: 1, canceled: 1, stopped: 1 }) {
      this.#showEnd(name, sums);
    } else {
      this.#showProgress(name, sums);
    }
    if (this.drawn !== name) {
      put(this.buttons, this.#offers(name, sums));
      this.drawn = name;
    }
  }

  #showProgress(name, sums) {
    const { job } = this;
    if (!this.progress) {
      this.progress = h("progress", { max: job.texts, "aria-label": `Progress of ${job.source.name}` });
      put(this.body, this.progress, this.hold = h("p", { class: "small hold" }));
      this.told = undefined;
    }
    this.progress.value = sums.done;
    const parts = job.parts.length > 1 ? `, sent ${sums.sent} of ${job.parts.length} parts` : "";
    text(this.line, `${count(sums.done)} of ${plural(job.texts, "text")}${parts}${this.#left(name, sums.done)}`);
    this.#showHold();
  }

  /** Show why the job pauses. */
  #showHold() {
    const problem = held.get(this.job.id)?.problem;
    const told = problem && explain(problem);
    this.hold.hidden = !told;
    if (problem === this.told) {
      return; // so that a button keeps the focus
    }
    this.told = problem;
    if (told?.key) {
      put(this.hold, `${told.title}. `, h("button", { type: "button", class: "quiet", onclick: askForKey }, "Enter a key"));
    } else if (told) {
      text(this.hold, `${told.title}. It goes on by itself.`);
    }
  }

  /** Estimate from the last half minute how long it will take. */
  #left(name, done) {
    const now = performance.now();
    this.seen = [...this.seen.filter(([when]) => now - when < 30_000), [now, done]];
    const [[began, first]] = this.seen;
    const rate = (done - first) / (now - began);
    return name === "working" && rate > 0 && now - began > 1500 ? `, about ${span((this.job.texts - done) / rate / 1000)} left` : "";
  }

  #showEnd(name, sums) {
    const { job } = this;
    this.progress = null;
    put(this.body, sums.kept > 0 && distribution(sums), name === "stopped" && stopped(job), sums.gone > 0 && gone(sums));
    const blank = job.rows - job.texts;
    const facts = [
      plural(job.rows, "row"),
      job.source.format !== "lines" && `column “${job.source.columns[job.column]}”`,
      blank > 0 && `${plural(blank, "row")} without text`,
      sums.multi && `labels joined by “${separatorOf(job) === "\n" ? "a line end" : separatorOf(job)}”`,
      job.cut > 0 && `${plural(job.cut, "text")} cut to the longest that is taken`,
      `sent at ${timeOfDay(job.created)}`,
    ];
    text(this.line, facts.filter(Boolean).join(" · "));
  }

  #offers(name, sums) {
    const { cancel, remove, download, again } = this.actions;
    const button = (label, kind, act) => h("button", { type: "button", class: kind, onclick: () => act(this.job) }, label);
    if (name in { sending: 1, waiting: 1, working: 1 }) {
      return [button("Cancel", "secondary", cancel)];
    }
    if (name === "collecting") {
      return [];
    }
    return [
      sums.kept > 0 && button("Download CSV", "secondary", (job) => download(job, "csv")),
      sums.kept > 0 && button("Download NDJSON", "secondary", (job) => download(job, "ndjson")),
      (sums.gone > 0 || name === "stopped") && button("Send again", "secondary", again),
      button("Remove", "quiet", remove),
    ];
  }
}

/** Return the counts by label: those of two as one bar, those of more as a bar each. */
function distribution({ labels, two, none, failed, kept }) {
  const rest = [
    none > 0 && h("span", {}, `${plural(none, "text")} without a label`),
    failed > 0 && h("span", { class: "failed-text" }, `${count(failed)} failed`),
  ];
  return two ? split(labels, kept, rest) : [each(labels, kept), h("p", { class: "split-line num" }, rest)];
}

function split(labels, kept, rest) {
  const names = labels.map(([label]) => label);
  const share = (value) => (value ? h("span", { class: "split-words" }, `${percent(value / kept)}`) : null);
  return [
    h("div", { class: "split", "aria-hidden": "true" }, labels.map(([label, many]) =>
      many > 0 && h("span", { class: `fill ${toneOf(label, names)}`, "--share": many / kept }))),
    h("p", { class: "split-line num" },
      labels.map(([label, many]) => h("span", {}, `${count(many)} ${wordOf(label)} `, share(many))), rest),
  ];
}

function each(labels, kept) {
  const names = labels.map(([label]) => label);
  const rows = labels.map(([label, many]) => ({
    title: titleOf(label), tone: toneOf(label, names), share: many / kept, words: `${count(many)} (${percent(many / kept)})`, strong: false,
  }));
  return bars(rows, SHOWN);
}

function stopped(job) {
  const told = explain({ errors: [], ...job.problem });
  return box({ ...told, bad: true });
}

function gone({ gone: texts }) {
  return h("p", { class: "small hold" },
    `The results of ${plural(texts, "text")} are gone: the service keeps them for ${span(facts.jobTtl)}, and this page was not open in that time.`);
}
