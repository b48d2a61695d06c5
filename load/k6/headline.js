/**
 * The article's test: ramp to 10 users, hold for 7 minutes, ramp down; each user asks again as soon as it is answered,
 * and 95 % of the requests repeat one of 20 texts.
 *
 * VUS=10 users, RAMP=90s for each ramp, HOLD=7m.
 * The variables of all scripts (BASE_URL, PREFIX, API_KEY, SEED, SALT, SUMMARY_FILE, …) are in lib/environment.js.
 */

import { duration, number } from "./lib/environment.js";
import { ask, prepare } from "./lib/requests.js";
import { summary } from "./lib/summary.js";
import { thresholds, TREND_STATS } from "./lib/thresholds.js";

const VUS = number("VUS", 10);
const RAMP = duration("RAMP", "90s");

/** @type {import("k6/options").Options} */
export const options = {
  scenarios: {
    users: {
      executor: "ramping-vus",
      startVUs: 0,
      stages: [
        { duration: RAMP, target: VUS },
        { duration: duration("HOLD", "7m"), target: VUS },
        { duration: RAMP, target: 0 },
      ],
    },
  },
  thresholds: thresholds({ hits: 50, misses: 250 }),
  summaryTrendStats: TREND_STATS,
};

export const setup = () => prepare("headline");

/** @param {import("./lib/requests.js").Run} run */
export default function (run) {
  ask(run, VUS);
}

export const handleSummary = summary("headline");
