/**
 * A burst: from nothing to 20 times the usual rate within one second, held, and gone as fast; 95 % of the requests
 * repeat one of 20 texts.
 *
 * RATE=20 requests a second are usual, HOLD=30s, VUS=400 requests under way at most.
 * What all scripts take (BASE_URL, PREFIX, API_KEY, SEED, SALT, SUMMARY_FILE, …) is in lib/environment.js.
 */

import { duration, number } from "./lib/environment.js";
import { ask, prepare } from "./lib/requests.js";
import { summary } from "./lib/summary.js";
import { RATE_WAS_KEPT, thresholds, TREND_STATS } from "./lib/thresholds.js";

const VUS = number("VUS", 400);
const PEAK = 20 * number("RATE", 20);

/** @type {import("k6/options").Options} */
export const options = {
  scenarios: {
    arrivals: {
      executor: "ramping-arrival-rate",
      startRate: 0,
      timeUnit: "1s",
      stages: [
        { duration: "1s", target: PEAK },
        { duration: duration("HOLD", "30s"), target: PEAK },
        { duration: "1s", target: 0 },
      ],
      preAllocatedVUs: VUS,
    },
  },
  thresholds: thresholds({ hits: 250, misses: 1000 }, RATE_WAS_KEPT),
  summaryTrendStats: TREND_STATS,
};

export const setup = () => prepare("burst");

/** @param {import("./lib/requests.js").Run} run */
export default function (run) {
  ask(run, VUS);
}

export const handleSummary = summary("burst");
