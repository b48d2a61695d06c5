/**
 * The end of a run as a short table, and as JSON in the file that `SUMMARY_FILE` names.
 */

import { SLO } from "./thresholds.js";

/**
 * @typedef {object} Metric
 * @property {Record<string, number>} values
 * @property {Record<string, {ok: boolean}>} [thresholds]
 *
 * @typedef {object} Data what k6 gives to `handleSummary`
 * @property {Record<string, Metric>} metrics
 * @property {{testRunDurationMs: number}} state
 * @property {{checks: {name: string, passes: number, fails: number}[]}} root_group
 * @property {{seed: number, salt: string}} [setup_data]
 */

/**
 * Make a script's `handleSummary`.
 *
 * @param {string} scenario
 * @returns {(data: Data) => Record<string, string>}
 */
export function summary(scenario) {
  return (data) => {
    const verdicts = verdictsIn(data);
    const met = verdicts.filter(({ slo }) => slo).every(({ ok }) => ok);
    const lines = [
      ...heading(scenario, data),
      ...table(data),
      ...shares(data),
      ...failedChecks(data),
      ...verdicts.map(({ slo, name, ok }) => `  ${slo ? "SLO" : "own"}  ${name.padEnd(36)} ${ok ? "met" : "CROSSED"}`),
      "",
      `  The SLO is ${met ? "met" : "NOT met"}.`,
    ];
    /** @type {Record<string, string>} */
    const outputs = { stdout: `\n${lines.join("\n")}\n\n` };
    if (__ENV.SUMMARY_FILE) {
      outputs[__ENV.SUMMARY_FILE] = JSON.stringify(Object.assign({ scenario, slo_met: met }, data), null, 2);
    }
    return outputs;
  };
}

/**
 * @param {string} scenario
 * @param {Data} data
 */
function heading(scenario, { state, setup_data: run }) {
  const origin = run ? `, seed ${run.seed}, salt ${run.salt}` : "";
  return [`  ${scenario}: ${seconds(state).toFixed(1)} s${origin}`, ""];
}

/** @param {Data} data */
function table(data) {
  const columns = ["requests", "per s", "p50 ms", "p95 ms", "p99 ms", "max ms"];
  const rows = [
    ["hits", "hit_duration"],
    ["misses", "miss_duration"],
    ["all", "answer_duration"],
    ["jobs", "job_duration"],
  ].filter(([name, metric]) => name !== "jobs" || valuesOf(data, metric).count);
  return [
    `  ${"".padEnd(8)}${columns.map((column) => column.padStart(10)).join("")}`,
    ...rows.map(([name, metric]) => {
      const values = valuesOf(data, metric);
      const count = values.count || 0;
      const times = ["med", "p(95)", "p(99)", "max"].map((stat) => (count ? values[stat].toFixed(1) : "-"));
      const cells = [String(count), (count / seconds(data.state)).toFixed(1), ...times];
      return `  ${name.padEnd(8)}${cells.map((cell) => cell.padStart(10)).join("")}`;
    }),
    "",
  ];
}

/** @param {Data} data */
function shares(data) {
  const { rate = 0 } = valuesOf(data, "success");
  const { count: hits = 0 } = valuesOf(data, "text_hits");
  const { count: misses = 0 } = valuesOf(data, "text_misses");
  const cached = hits + misses ? `${percent(hits / (hits + misses))} of ${hits + misses} texts` : "of no text";
  return [`  success ${percent(rate)}, cached ${cached}`, ""];
}

/** @param {Data} data */
function failedChecks({ root_group: { checks } }) {
  const failed = checks.filter(({ fails }) => fails);
  return failed.length ? [...failed.map(({ name, fails }) => `  failed ${fails} times: ${name}`), ""] : [];
}

/** @param {Data} data */
function verdictsIn({ metrics }) {
  const slo = Object.entries(SLO).map(([metric, bound]) => `${metric} ${bound}`);
  return Object.keys(metrics)
    .sort()
    .flatMap((metric) =>
      Object.entries(metrics[metric].thresholds || {}).map(([bound, { ok }]) => ({
        name: `${metric} ${bound}`,
        slo: slo.includes(`${metric} ${bound}`),
        ok,
      })),
    )
    .sort((one, other) => Number(other.slo) - Number(one.slo));
}

/**
 * @param {Data} data
 * @param {string} metric
 * @returns {Record<string, number>} nothing for a metric without a sample
 */
function valuesOf({ metrics }, metric) {
  return metrics[metric] ? metrics[metric].values : {};
}

/** @param {Data["state"]} state */
function seconds({ testRunDurationMs }) {
  return testRunDurationMs / 1000;
}

/** @param {number} share */
function percent(share) {
  return `${(share * 100).toFixed(2)} %`;
}
