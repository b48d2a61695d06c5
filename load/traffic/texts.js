/**
 * Sentences of a seeded grammar, in the manner of film and shop reviews.
 */

import { Random } from "./random.js";
import { ADJECTIVES, ADVERBS, ENDINGS, JOINTS, OPENERS, THINGS, VERBS, VERDICTS } from "./words.js";

/** Shares of sentences of 1, 2, … clauses, so that lengths spread as those of SST-2 do. */
const CLAUSES = [0.42, 0.3, 0.15, 0.08, 0.05];

/** A text's place: repeated ones, fresh ones and those of jobs never meet. */
export const Kind = Object.freeze({ REPEATED: "r", FRESH: "n", JOB: "j" });

/**
 * Write one text; it ends with the salt, the kind and the index, so no two places share a text.
 *
 * @param {number} seed
 * @param {string} salt unique to a run, and short, for it is tokenised like the rest
 * @param {string} kind one of `Kind`
 * @param {number} index a natural number
 * @returns {string}
 */
export function text(seed, salt, kind, index) {
  const place = `${salt} ${kind}${index.toString(36)}`;
  const random = new Random(`${seed} ${place}`);
  const things = random.pick(THINGS);
  let sentence = random.next() < 0.3 ? `${random.pick(OPENERS)}, ` : "";
  sentence += clause(random, things);
  for (let more = clauses(random); more > 1; more -= 1) {
    sentence += ` ${random.pick(JOINTS)} ${clause(random, things)}`;
  }
  if (random.next() < 0.25) {
    sentence += `; ${random.pick(ENDINGS)}`;
  }
  return `${sentence[0].toUpperCase()}${sentence.slice(1)}. ${place}`;
}

/**
 * @param {Random} random
 * @returns {number} how many clauses a sentence has
 */
function clauses(random) {
  let left = random.next();
  for (let count = 1; count < CLAUSES.length; count += 1) {
    left -= CLAUSES[count - 1];
    if (left < 0) {
      return count;
    }
  }
  return CLAUSES.length;
}

/**
 * @param {Random} random
 * @param {readonly string[]} things
 * @returns {string}
 */
function clause(random, things) {
  const start = `${random.pick(things)} ${random.pick(VERBS)}`;
  if (random.next() < 0.2) {
    return `${start} ${random.pick(VERDICTS)}`;
  }
  const adverb = random.next() < 0.5 ? ` ${random.pick(ADVERBS)}` : "";
  return `${start}${adverb} ${random.pick(ADJECTIVES)}`;
}
