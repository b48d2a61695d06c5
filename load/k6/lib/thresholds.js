/**
 * The promise, and what we ask of ourselves.
 */

import { number } from "./environment.js";

/** No answer later than 2 s at the 99th percentile, and more than 99.8 % of all requests answered well. */
export const SLO = Object.freeze({ answer_duration: "p(99)<2000", success: "rate>0.998" });

/** The summary's columns; k6 computes no others. */
export const TREND_STATS = ["count", "med", "p(95)", "p(99)", "max"];

/**
 * Make a script's thresholds; `HITS_P99` and `MISSES_P99` replace our own bounds, in milliseconds.
 *
 * @param {{hits?: number, misses: number}} bounds of the p99; without `hits`, none are expected
 * @param {Record<string, string[]>} [more]
 * @returns {Record<string, string[]>}
 */
export function thresholds({ hits, misses }, more = {}) {
  /** @type {Record<string, string[]>} */
  const all = {
    answer_duration: [SLO.answer_duration],
    success: [SLO.success],
    checks: ["rate>0.998"],
    miss_duration: [`p(99)<${number("MISSES_P99", misses)}`],
  };
  if (hits !== undefined) {
    all.hit_duration = [`p(99)<${number("HITS_P99", hits)}`];
  }
  return Object.assign(all, more);
}

/** A generator that did not send what it should have measures nothing; k6 names those iterations so. */
export const RATE_WAS_KEPT = Object.freeze({ dropped_iterations: ["count<1"] });
