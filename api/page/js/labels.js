/** The model's labels. The service names them, and so does every prediction; this page has none of its own. */

const TONES = ["positive", "between", "negative"]; // classes of the style sheet
let known = [];

/** Take over the labels that the service names, in the order in which the model has them. */
export function learnLabels(labels) {
  known = Array.isArray(labels) ? labels : known;
}

/** Return labels, each once, in the order in which they are shown: the model's last one first. */
export function inOrder(labels) {
  const place = (label) => known.indexOf(label);
  return [...new Set(labels)].sort((one, other) => place(other) - place(one) || (one < other ? 1 : -1));
}

/** Return the class in which a label is drawn beside all labels of its model. */
export function toneOf(label, labels) {
  const order = inOrder(labels);
  const at = order.indexOf(label);
  return TONES[at === 0 ? 0 : at === order.length - 1 ? 2 : 1];
}

/** Return a label as a title: "Positive" for "POSITIVE". */
export const titleOf = (label) => label[0].toUpperCase() + wordOf(label).slice(1);

/** Return a label inside a sentence: "very good" for "VERY_GOOD". */
export const wordOf = (label) => label.toLowerCase().replace(/_/g, " ");

/** Add predictions to counts by label. Each prediction names all labels, the chosen one first; a count may be 0. */
export function countLabels(predictions, counts = {}) {
  for (const prediction of predictions) {
    prediction.forEach(({ label }, index) => {
      counts[label] = (counts[label] || 0) + (index === 0 ? 1 : 0);
    });
  }
  return counts;
}
