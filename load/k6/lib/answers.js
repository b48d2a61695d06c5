/**
 * Checks of the shape of an answer.
 */

const SUM_TOLERANCE = 1e-6;
/** Two processors may round the same text differently in the last digits. */
const SAME_TOLERANCE = 1e-3;
const MOST_REMEMBERED = 10000;

/** @typedef {{label: string, score: number}} Entry */

/**
 * @typedef {object} Model
 * @property {string[]} labels sorted
 * @property {boolean} several whether several labels may apply to a text, so that scores do not add up to 1
 */

/** @type {Model} of a server that does not tell its own */
const TWO_LABELS = { labels: ["NEGATIVE", "POSITIVE"], several: false };

/**
 * @param {string | null} body of the service's statistics
 * @returns {Model}
 */
export function modelIn(body) {
  const stats = /** @type {{model?: {labels?: string[] | null, card?: {task?: string} | null}} | null} */ (parsed(body));
  const { labels, card } = (stats && stats.model) || {};
  return labels ? { labels: [...labels].sort(), several: (card || {}).task === "multi-label" } : TWO_LABELS;
}

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
 * Say whether it has each label of the model, scores in [0, 1] that sum to 1 unless several may apply, and the highest
 * first.
 *
 * @param {unknown} value
 * @param {Model} model
 * @returns {value is Entry[]}
 */
export function isPrediction(value, { labels, several }) {
  if (!Array.isArray(value) || value.length !== labels.length) {
    return false;
  }
  const given = value.map((entry) => entry && entry.label).sort();
  const scores = value.map((entry) => entry && entry.score);
  return (
    given.every((label, index) => label === labels[index]) &&
    scores.every((score, index) => typeof score === "number" && score >= 0 && score <= (index ? scores[index - 1] : 1)) &&
    (several || Math.abs(scores.reduce((sum, score) => sum + score) - 1) <= SUM_TOLERANCE)
  );
}

/** Remembers what was said of a text: an answer in another text's place differs from what that text had before. */
export class Memory {
  constructor() {
    /** @type {Map<string, Entry>} the highest score of each text */
    this.highest = new Map();
  }

  /**
   * @param {string[]} texts
   * @param {Entry[][]} predictions one for each, in order
   * @returns {boolean} whether each text has the prediction that it had before, if it had one
   */
  agrees(texts, predictions) {
    return texts.every((text, index) => {
      const before = this.highest.get(text);
      if (before === undefined) {
        if (this.highest.size < MOST_REMEMBERED) {
          this.highest.set(text, predictions[index][0]);
        }
        return true;
      }
      const same = predictions[index].find(({ label }) => label === before.label);
      return same !== undefined && Math.abs(before.score - same.score) <= SAME_TOLERANCE;
    });
  }
}
