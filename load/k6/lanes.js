/**
 * Two lanes: synchronous requests at a constant rate, 95 % of them repeating one of 20 texts, beside a flood of jobs of
 * 1,000 new texts each, all submitted at once after 5 seconds.
 *
 * RATE=20 requests a second, DURATION=1m, VUS=50 requests under way at most; JOBS=10, JOB_SECONDS=600 for one at most.
 * What all scripts take (BASE_URL, PREFIX, API_KEY, SEED, SALT, SUMMARY_FILE, …) is in lib/environment.js.
 */

import { duration, number } from "./lib/environment.js";
import { JOB_SECONDS, runJob } from "./lib/jobs.js";
import { ask, prepare } from "./lib/requests.js";
import { summary } from "./lib/summary.js";
import { RATE_WAS_KEPT, thresholds, TREND_STATS } from "./lib/thresholds.js";

const VUS = number("VUS", 50);
const JOBS = number("JOBS", 10);

/** @type {import("k6/options").Options} */
export const options = {
  scenarios: {
    sync: {
      executor: "constant-arrival-rate",
      rate: number("RATE", 20),
      timeUnit: "1s",
      duration: duration("DURATION", "1m"),
      preAllocatedVUs: VUS,
    },
    jobs: {
      executor: "per-vu-iterations",
      exec: "jobs",
      vus: JOBS,
      iterations: 1,
      startTime: "5s",
      maxDuration: `${JOB_SECONDS + 60}s`,
    },
  },
  thresholds: thresholds({ hits: 50, misses: 250 }, { ...RATE_WAS_KEPT, job_success: ["rate>0.998"] }),
  summaryTrendStats: TREND_STATS,
};

export const setup = () => prepare("lanes");

/** @param {import("./lib/requests.js").Run} run */
export default function (run) {
  ask(run, VUS + JOBS);
}

/** @param {import("./lib/requests.js").Run} run */
export function jobs(run) {
  runJob(run, VUS + JOBS);
}

export const handleSummary = summary("lanes");
