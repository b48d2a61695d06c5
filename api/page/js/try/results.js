/** Predictions as bars, with the origin of each answer. */

import { h, put } from "../dom.js";
import { count, percent, plural } from "../format.js";
import { countLabels, inOrder, titleOf, toneOf, wordOf } from "../labels.js";
import { told } from "./told.js";

/**
 * Show the answers to some texts.
 *
 * @param {({label: string, score: number}[] | {error: {detail: string}})[]} predictions
 */
export function showResults(place, texts, predictions, outcome) {
  const shown = texts.length === 1
    ? [h("div", { class: "card verdict" }, scores(predictions[0]))]
    : [h("h2", { class: "batch-head" }, summary(predictions)), list(texts, predictions)];
  put(place, shown, told(outcome, texts.length));
}

/** Sum the predictions up in one sentence. */
export function summary(predictions) {
  if (predictions.length === 1) {
    const [first] = predictions[0];
    return `${titleOf(first.label)}, ${percent(first.score)}`;
  }
  const answered = predictions.filter(Array.isArray);
  const counts = countLabels(answered);
  const failed = predictions.length - answered.length;
  const words = inOrder(Object.keys(counts)).map((label) => `${count(counts[label])} ${wordOf(label)}`);
  return [...words, ...(failed ? [`${plural(failed, "text")} failed`] : [])].join(", ");
}

function list(texts, predictions) {
  return h("ol", { class: "card batch" }, texts.map((text, index) =>
    h("li", {}, h("blockquote", {}, text), scores(predictions[index]))));
}

function scores(prediction) {
  if (!Array.isArray(prediction)) {
    return h("p", { class: "failed-text" }, "The model could not process this text; the others are not affected.");
  }
  const labels = prediction.map(({ label }) => label);
  return h("dl", { class: "scores" }, prediction.map(({ label, score }, index) =>
    h("div", { class: `score ${toneOf(label, labels)}${index ? "" : " first"}` },
      h("dt", {}, titleOf(label)),
      h("dd", {}, h("span", { class: "track" }, h("span", { class: "fill", "--share": score })), h("b", {}, percent(score))))));
}
