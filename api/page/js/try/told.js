/** The origin of the answers in sentences, and the request's time drawn to scale. */

import { h } from "../dom.js";
import { duration, percent, plural } from "../format.js";

const ONE = {
  memory: "Known already: the API process that answered had it in its own memory.",
  redis: "Known already: found in Redis, the cache that all API processes share.",
  shared: "Just being computed for somebody else's request: this one waited for the same answer.",
  worker: "New: a worker computed it.",
};
const MANY = {
  memory: (many) => `${many} known already, in the API process's own memory`,
  redis: (many) => `${many} known already, in Redis, the cache that all API processes share`,
  shared: (many) => `${many} just being computed for somebody else's request: waited for the same answer`,
  worker: (many) => `${many} new: computed by ${many === "1 text" ? "a worker" : "workers"}`,
};

/** Return the answers' origin and the time they took, as elements. */
export function told(outcome, texts) {
  const origins = Object.keys(ONE).filter((name) => outcome[name]);
  const sentence = (name) => (texts === 1 ? ONE[name] : MANY[name](plural(outcome[name], "text")));
  const line = (name) => h("li", { class: "origin" }, h("span", { class: `dot ${name}` }), sentence(name));
  return h("section", { class: "told" },
    h("h2", {}, `Answered in ${duration(outcome.total)}`),
    h("ul", {}, origins.map(line), outcome.repeated > 0 && repeated(outcome.repeated), doubts(outcome)),
    timing(outcome));
}

function doubts({ truncated, unknown }) {
  const sentences = [
    truncated && "The text is longer than the model reads: its end was ignored.",
    unknown > 0 && `The model does not know ${percent(unknown)} of the text, so its answer says less.`,
  ];
  return sentences.filter(Boolean).map((sentence) => h("li", { class: "origin" }, h("span", { class: "dot doubt" }), sentence));
}

function repeated(many) {
  const sentence = many === 1 ? "1 text stands there twice: answered once" : `${many} texts are repetitions: answered once`;
  return h("li", { class: "origin" }, h("span", { class: "dot" }), sentence);
}

function timing(outcome) {
  const server = outcome.lookup + outcome.queue + outcome.inference;
  const spans = [
    ["way", "on the way to the API and back", Math.max(0, outcome.total - server)],
    ["lookup", "looking it up", outcome.lookup],
    ["queue", "in the queue", outcome.queue],
    ["inference", "in the model", outcome.inference],
  ].filter(([, , ms]) => ms > 0);
  const sum = spans.reduce((total, [, , ms]) => total + ms, 0);
  return [
    h("div", { class: "timing", "aria-hidden": "true" }, spans.map(([name, , ms]) =>
      h("span", { class: `span ${name}`, "--share": ms / sum }))),
    h("ul", { class: "legend" }, spans.map(([name, words, ms]) =>
      h("li", {}, h("span", { class: `span ${name}`, "aria-hidden": "true" }), `${duration(ms)} ${words}`))),
  ];
}
