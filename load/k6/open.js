/**
 * An open loop: requests arrive at a constant rate, whatever the answers take; 95 % repeat one of 20 texts.
 *
 * RATE=56 requests a second (the article's best run), DURATION=5m, VUS=120 requests under way at most.
 * What all scripts take (BASE_URL, PREFIX, API_KEY, SEED, SALT, SUMMARY_FILE, …) is in lib/environment.js.
 */

import { duration, number } from "./lib/environment.js";
import { ask, prepare } from "./lib/requests.js";
import { summary } from "./lib/summary.js";
import { RATE_WAS_KEPT, thresholds, TREND_STATS } from "./lib/thresholds.js";

const VUS = number("VUS", 120);

/** @type {import("k6/options").Options} */
export const options = {
  scenarios: {
    arrivals: {
      executor: "constant-arrival-rate",
      rate: number("RATE", 56),
      timeUnit: "1s",
      duration: duration("DURATION", "5m"),
      preAllocatedVUs: VUS,
    },
  },
  thresholds: thresholds({ hits: 50, misses: 250 }, RATE_WAS_KEPT),
  summaryTrendStats: TREND_STATS,
};

export const setup = () => prepare("open");

/** @param {import("./lib/requests.js").Run} run */
export default function (run) {
  ask(run, VUS);
}

export const handleSummary = summary("open");
