/**
 * One of the other kinds of traffic, PROFILE=open by default:
 *
 * open: requests arrive at a constant rate, whatever the answers take; 95 % repeat one of 20 texts (the rate is that of
 *   the article's best run). RATE=56 a second, DURATION=5m, VUS=120 under way at most.
 * cold: users who never repeat a text, each asking again as soon as it is answered. VUS=10, DURATION=2m.
 * skewed: texts by Zipf's law over 100,000, some in batches; nothing is warmed. RATE=30, DURATION=5m, VUS=60.
 * burst: from nothing to 20 times RATE within one second, held, and gone as fast. RATE=20, HOLD=30s, VUS=400.
 * lanes: a constant rate beside JOBS=10 jobs of 1,000 new texts, all submitted after 5 seconds; JOB_SECONDS=600 for one
 *   at most. RATE=20, DURATION=1m, VUS=50.
 *
 * The variables of all scripts (BASE_URL, PREFIX, API_KEY, SEED, SALT, SUMMARY_FILE, …) are in lib/environment.js.
 */

import { duration, number } from "./lib/environment.js";
import { JOB_SECONDS, runJob } from "./lib/jobs.js";
import { ask, prepare } from "./lib/requests.js";
import { summary } from "./lib/summary.js";
import { RATE_WAS_KEPT, thresholds, TREND_STATS } from "./lib/thresholds.js";

const PROFILE = __ENV.PROFILE || "open";

/**
 * @typedef {object} Shape
 * @property {number} vus virtual users at most
 * @property {number} [rate] requests a second; each user sends its next one when it is answered, without
 * @property {string} [lasts]
 * @property {number} [burst] how many times the rate is reached within a second; the rate is constant without
 * @property {number} [jobs] submitted beside
 * @property {{hits?: number, misses: number}} bounds of the p99 in milliseconds
 */

/** @type {Record<string, Shape>} */
const SHAPES = {
  open: { vus: 120, rate: 56, lasts: "5m", bounds: { hits: 50, misses: 250 } },
  cold: { vus: 10, lasts: "2m", bounds: { misses: 250 } },
  skewed: { vus: 60, rate: 30, lasts: "5m", bounds: { hits: 50, misses: 1000 } },
  burst: { vus: 400, rate: 20, burst: 20, bounds: { hits: 250, misses: 1000 } },
  lanes: { vus: 50, rate: 20, lasts: "1m", jobs: 10, bounds: { hits: 50, misses: 250 } },
};

const shape = SHAPES[PROFILE];
if (!shape) {
  throw new Error(`PROFILE must be one of ${Object.keys(SHAPES).join(", ")}, not "${PROFILE}"`);
}
const VUS = number("VUS", shape.vus);
const JOBS = shape.jobs ? number("JOBS", shape.jobs) : 0;

/** @returns {import("k6/options").Scenario} */
function requests() {
  if (shape.rate === undefined) {
    return { executor: "constant-vus", vus: VUS, duration: duration("DURATION", shape.lasts || "") };
  }
  const rate = number("RATE", shape.rate);
  const common = { timeUnit: "1s", preAllocatedVUs: VUS };
  if (!shape.burst) {
    return { executor: "constant-arrival-rate", rate, duration: duration("DURATION", shape.lasts || ""), ...common };
  }
  const target = shape.burst * rate;
  const stages = [
    { duration: "1s", target },
    { duration: duration("HOLD", "30s"), target },
    { duration: "1s", target: 0 },
  ];
  return { executor: "ramping-arrival-rate", startRate: 0, stages, ...common };
}

/** @returns {Record<string, import("k6/options").Scenario>} */
function scenarios() {
  if (!JOBS) {
    return { requests: requests() };
  }
  const maxDuration = `${JOB_SECONDS + 60}s`;
  return {
    requests: requests(),
    jobs: { executor: "per-vu-iterations", exec: "jobs", vus: JOBS, iterations: 1, startTime: "5s", maxDuration },
  };
}

/** @type {import("k6/options").Options} */
export const options = {
  scenarios: scenarios(),
  thresholds: thresholds(shape.bounds, {
    ...(shape.rate === undefined ? {} : RATE_WAS_KEPT),
    ...(JOBS ? { job_success: ["rate>0.998"] } : {}),
  }),
  summaryTrendStats: TREND_STATS,
};

export const setup = () => prepare(PROFILE);

/** @param {import("./lib/requests.js").Run} run */
export default function (run) {
  ask(run, VUS + JOBS);
}

/** @param {import("./lib/requests.js").Run} run */
export function jobs(run) {
  runJob(run, VUS + JOBS);
}

export const handleSummary = summary(PROFILE);
