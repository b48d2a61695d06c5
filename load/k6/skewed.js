/**
 * Skewed like real traffic: texts by Zipf's law over 100,000, mostly one by one, some in batches of up to 8, a few of
 * 32. Nothing is warmed, so more and more of them are cached while it runs.
 *
 * RATE=30 requests a second, DURATION=5m, VUS=60 requests under way at most.
 * What all scripts take (BASE_URL, PREFIX, API_KEY, SEED, SALT, SUMMARY_FILE, …) is in lib/environment.js.
 */

import { duration, number } from "./lib/environment.js";
import { ask, prepare } from "./lib/requests.js";
import { summary } from "./lib/summary.js";
import { RATE_WAS_KEPT, thresholds, TREND_STATS } from "./lib/thresholds.js";

const VUS = number("VUS", 60);

/** @type {import("k6/options").Options} */
export const options = {
  scenarios: {
    arrivals: {
      executor: "constant-arrival-rate",
      rate: number("RATE", 30),
      timeUnit: "1s",
      duration: duration("DURATION", "5m"),
      preAllocatedVUs: VUS,
    },
  },
  thresholds: thresholds({ hits: 50, misses: 1000 }, RATE_WAS_KEPT),
  summaryTrendStats: TREND_STATS,
};

export const setup = () => prepare("skewed");

/** @param {import("./lib/requests.js").Run} run */
export default function (run) {
  ask(run, VUS);
}

export const handleSummary = summary("skewed");
