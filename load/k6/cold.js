/**
 * Nothing is cached: users who never repeat a text, each asking again as soon as it is answered.
 *
 * VUS=10 users, DURATION=2m.
 * What all scripts take (BASE_URL, PREFIX, API_KEY, SEED, SALT, SUMMARY_FILE, …) is in lib/environment.js.
 */

import { duration, number } from "./lib/environment.js";
import { ask, prepare } from "./lib/requests.js";
import { summary } from "./lib/summary.js";
import { thresholds, TREND_STATS } from "./lib/thresholds.js";

const VUS = number("VUS", 10);

/** @type {import("k6/options").Options} */
export const options = {
  scenarios: { users: { executor: "constant-vus", vus: VUS, duration: duration("DURATION", "2m") } },
  thresholds: thresholds({ misses: 250 }),
  summaryTrendStats: TREND_STATS,
};

export const setup = () => prepare("cold");

/** @param {import("./lib/requests.js").Run} run */
export default function (run) {
  ask(run, VUS);
}

export const handleSummary = summary("cold");
