/** The model's labels. The service describes them in the model's card; without one, the answers alone name them. */

const TONES = { positive: "positive", neutral: "between", negative: "negative" }; // classes of the style sheet
const SHOUTED = /^[A-Z]+(_[A-Z]+)*$/;
let known = { version: "", labels: [], card: null };
const listeners = new Set();

/** @typedef {{labels: string[], multi: boolean, threshold: number}} Form
 *   labels: of the model, in its order; multi: whether several of them may apply to a text, each from the threshold on */

/** Take over the model as `/stats` describes it: `version`, `labels` and `card`. */
export function learnModel(model) {
  if (!model?.labels || (model.version === known.version && Boolean(model.card) === Boolean(known.card))) {
    return;
  }
  known = { version: model.version, labels: model.labels, card: model.card || null };
  listeners.forEach((listener) => listener());
}

/** Call `listener()` when another model is learned. */
export const onModel = (listener) => listeners.add(listener);

/** Return the model's card, or null. */
export const card = () => known.card;

/** Return the form of the model's answers. @returns {Form} */
export function currentForm() {
  const { task, threshold = 0.5 } = known.card || {};
  return { labels: known.labels, multi: task === "multi-label", threshold };
}

/** Return whether a prediction has only labels of the model. */
export const isKnown = (prediction) => prediction.every(({ label }) => known.labels.includes(label));

/** Return the form of a prediction, which may be of another model: of that, only the labels are known. @returns {Form} */
export function formOf(prediction) {
  return isKnown(prediction) ? currentForm() : { labels: prediction.map(({ label }) => label), multi: false, threshold: 0.5 };
}

/** Return the labels of a prediction that apply: the highest, or each from the threshold on. @param {Form} form */
export function applied(prediction, form) {
  return form.multi ? prediction.filter(({ score }) => score >= form.threshold) : prediction.slice(0, 1);
}

/** Return labels, each once, in the order in which two of them are shown: the model's last one first. */
export function inOrder(labels) {
  const place = (label) => known.labels.indexOf(label);
  return [...new Set(labels)].sort((one, other) => place(other) - place(one) || (one < other ? 1 : -1));
}

/** Return the class in which a label is drawn beside all labels of its answer: by its polarity, else without a colour. */
export function toneOf(label, labels) {
  if (known.card) {
    return TONES[polarityOf(label)] || "plain";
  }
  const two = (known.labels.length || labels.length) <= 2;
  return two ? (inOrder(labels)[0] === label ? "positive" : "negative") : "plain";
}

/** Return `positive`, `negative` or `neutral`, or undefined where the card does not say it. */
export function polarityOf(label) {
  const named = known.card?.polarity || {};
  return Object.prototype.hasOwnProperty.call(named, label) ? named[label] : undefined; // a label may be "constructor"
}

/** Return a label as a title: "Positive" for "POSITIVE". A label that is no shouted word of a few stays as it is. */
export const titleOf = (label) => (isShouted(label) ? label[0] + wordOf(label).slice(1) : label);

/** Return a label inside a sentence: "very good" for "VERY_GOOD". */
export const wordOf = (label) => (isShouted(label) ? label.toLowerCase().replace(/_/g, " ") : label);

/** An abbreviation among many labels is none of these words. */
const isShouted = (label) => SHOUTED.test(label) && (known.labels.length <= 2 || polarityOf(label));

/** Return counts by label, all 0: no label is found in them before it is counted, not even "constructor". */
export const noCounts = () => Object.create(null);

/** Add a prediction to counts of the labels that apply. Both of two labels are counted, though a count may be 0. @param {Form} form */
export function countLabels(prediction, counts, form) {
  for (const { label } of prediction.length === 2 ? prediction : []) {
    counts[label] = counts[label] || 0;
  }
  for (const { label } of applied(prediction, form)) {
    counts[label] = (counts[label] || 0) + 1;
  }
}

/** Return counts by label in the order in which they are shown: two as labels are, more from the largest on. */
export function sortCounts(counts) {
  const pairs = inOrder(Object.keys(counts)).map((label) => [label, counts[label]]);
  return isMany(pairs) ? pairs.reverse().sort(([, one], [, other]) => other - one) : pairs;
}

/** Return counts as words: "3 positive", "0 negative"; of many labels the first few: "3 × joy". @param {[string, number][]} pairs */
export function countWords(pairs, write, most = 5) {
  const times = isMany(pairs) ? " × " : " ";
  const words = pairs.slice(0, most).map(([label, many]) => `${write(many)}${times}${wordOf(label)}`);
  const rest = pairs.length - most;
  return rest > 0 ? [...words, `${write(rest)} more ${rest === 1 ? "label" : "labels"}`] : words;
}

/** Return whether the model that gave some counts has more than two labels. */
const isMany = (pairs) => Math.max(pairs.length, known.labels.length) > 2;
