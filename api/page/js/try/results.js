/** Predictions as bars, and what happened on the way to them. */

import { h, put } from "../dom.js";
import { count, percent, plural } from "../format.js";
import { told } from "./told.js";

const NAMES = { POSITIVE: "Positive", NEGATIVE: "Negative" };

/**
 * Show the answers to some texts.
 *
 * @param {HTMLElement} place
 * @param {string[]} texts
 * @param {({label: string, score: number}[] | {error: {detail: string}})[]} predictions
 * @param {import("../outcome.js").Outcome} outcome
 */
export function showResults(place, texts, predictions, outcome) {
  const shown = texts.length === 1
    ? [h("div", { class: "card verdict" }, scores(predictions[0]))]
    : [h("h2", { class: "batch-head" }, summary(predictions)), list(texts, predictions)];
  put(place, shown, told(outcome, texts.length));
}

/** Say in one sentence what came out. */
export function summary(predictions) {
  if (predictions.length === 1) {
    const [first] = predictions[0];
    return `${NAMES[first.label]}, ${percent(first.score)}`;
  }
  const of = (label) => predictions.filter((prediction) => Array.isArray(prediction) && prediction[0].label === label).length;
  const [positive, negative] = [of("POSITIVE"), of("NEGATIVE")];
  const failed = predictions.length - positive - negative;
  return `${count(positive)} positive, ${count(negative)} negative${failed ? `, ${plural(failed, "text")} failed` : ""}`;
}

function list(texts, predictions) {
  return h("ol", { class: "card batch" }, texts.map((text, index) =>
    h("li", {}, h("blockquote", {}, text), scores(predictions[index]))));
}

function scores(prediction) {
  if (!Array.isArray(prediction)) {
    return h("p", { class: "failed-text" }, "The model could not process this text; the others are not affected.");
  }
  return h("dl", { class: "scores" }, prediction.map(({ label, score }, index) =>
    h("div", { class: `score ${label.toLowerCase()}${index ? "" : " first"}` },
      h("dt", {}, NAMES[label]),
      h("dd", {}, h("span", { class: "track" }, h("span", { class: "fill", "--share": score })), h("b", {}, percent(score))))));
}
