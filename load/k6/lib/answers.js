/**
 * Checks of the shape of an answer.
 */

const LABELS = ["NEGATIVE", "POSITIVE"];
const SUM_TOLERANCE = 1e-6;
/** Two processors may round the same text differently in the last digits. */
const SAME_TOLERANCE = 1e-3;
const MOST_REMEMBERED = 10000;

/** @typedef {{label: string, score: number}} Entry */

/**
 * @param {string | null} body
 * @returns {unknown} undefined if it is no JSON
 */
export function parsed(body) {
  try {
    return JSON.parse(body || "");
  } catch (_) {
    return undefined;
  }
}

/**
 * Find the predictions in an answer, whatever each of them looks like.
 *
 * @param {unknown} answer
 * @returns {unknown[] | null} null if there are none
 */
export function predictionsIn(answer) {
  if (typeof answer !== "object" || answer === null) {
    return null;
  }
  const { prediction, predictions } = /** @type {{prediction?: unknown, predictions?: unknown}} */ (answer);
  if (prediction !== undefined) {
    return [prediction];
  }
  return Array.isArray(predictions) ? predictions : null;
}

/**
 * Say whether it has both labels, scores in [0, 1] that sum to 1, and the higher one first.
 *
 * @param {unknown} value
 * @returns {value is [Entry, Entry]}
 */
export function isPrediction(value) {
  if (!Array.isArray(value) || value.length !== LABELS.length) {
    return false;
  }
  const labels = value.map((entry) => entry && entry.label).sort();
  const scores = value.map((entry) => entry && entry.score);
  return (
    labels.every((label, index) => label === LABELS[index]) &&
    scores.every((score) => typeof score === "number" && score >= 0 && score <= 1) &&
    scores[0] >= scores[1] &&
    Math.abs(scores[0] + scores[1] - 1) <= SUM_TOLERANCE
  );
}

/** Remembers what was said of a text: an answer in another text's place differs from what that text had before. */
export class Memory {
  constructor() {
    /** @type {Map<string, number>} */
    this.positive = new Map();
  }

  /**
   * @param {string[]} texts
   * @param {[Entry, Entry][]} predictions one for each, in order
   * @returns {boolean} whether each text has the prediction that it had before, if it had one
   */
  agrees(texts, predictions) {
    return texts.every((text, index) => {
      const [first, second] = predictions[index];
      const score = first.label === "POSITIVE" ? first.score : second.score;
      const before = this.positive.get(text);
      if (before === undefined && this.positive.size < MOST_REMEMBERED) {
        this.positive.set(text, score);
      }
      return before === undefined || Math.abs(before - score) <= SAME_TOLERANCE;
    });
  }
}
