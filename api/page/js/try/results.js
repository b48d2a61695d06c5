/** Predictions as bars, with the origin of each answer. */

import { bars } from "../bars.js";
import { h, put } from "../dom.js";
import { count, percent, plural } from "../format.js";
import { applied, countLabels, countWords, formOf, noCounts, sortCounts, titleOf, toneOf } from "../labels.js";
import { told } from "./told.js";

const ONE = { least: 6, most: 20 }; // bars of the only text, and of each of several, before the rest is asked for
const OF_MANY = { least: 3, most: 10 };

/**
 * Show the answers to some texts.
 *
 * @param {({label: string, score: number}[] | {error: {detail: string}})[]} predictions
 */
export function showResults(place, texts, predictions, outcome) {
  const shown = texts.length === 1
    ? [h("div", { class: "card verdict" }, scores(predictions[0], ONE))]
    : [h("h2", { class: "batch-head" }, summary(predictions)), list(texts, predictions)];
  put(place, shown, told(outcome, texts.length));
}

/** Sum the predictions up in one sentence. */
export function summary(predictions) {
  if (predictions.length === 1) {
    const names = applied(predictions[0], formOf(predictions[0]));
    const words = names.slice(0, OF_MANY.most).map(({ label, score }) => `${titleOf(label)}, ${percent(score)}`);
    return words.join("; ") || "No label applies";
  }
  const answered = predictions.filter(Array.isArray);
  const failed = predictions.length - answered.length;
  const counts = noCounts();
  answered.forEach((prediction) => countLabels(prediction, counts, formOf(prediction)));
  const none = answered.filter((prediction) => !applied(prediction, formOf(prediction)).length).length;
  return [
    ...countWords(sortCounts(counts), count),
    ...(none ? [`${plural(none, "text")} without a label`] : []),
    ...(failed ? [`${plural(failed, "text")} failed`] : []),
  ].join(", ");
}

function list(texts, predictions) {
  return h("ol", { class: "card batch" }, texts.map((text, index) =>
    h("li", {}, h("blockquote", {}, text), scores(predictions[index], OF_MANY))));
}

function scores(prediction, { least, most }) {
  if (!Array.isArray(prediction)) {
    return h("p", { class: "failed-text" }, "The model could not process this text; the others are not affected.");
  }
  const form = formOf(prediction);
  const labels = prediction.map(({ label }) => label);
  const high = applied(prediction, form).length; // the highest come first
  const rows = prediction.map(({ label, score }, index) => ({
    title: titleOf(label),
    tone: toneOf(label, labels),
    share: score,
    words: percent(score),
    strong: index < high,
    mark: form.multi && index < high,
  }));
  return bars(rows, Math.max(least, Math.min(high, most)), form.multi ? form.threshold : null);
}
