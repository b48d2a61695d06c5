/**
 * Results that k6 makes of the samples: values by metric, thresholds, and the data of `handleSummary`.
 */

import { checks, metrics } from "./registry.js";

const EXPRESSION = /^\s*([a-z]+(?:\([\d.]+\))?)\s*(<=|>=|==|!=|<|>)\s*([\d.]+)\s*$/;
const COMPARE = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
};

/** One value of a metric, by the name that k6 gives to it. */
function value({ type, samples }, stat, seconds) {
  const sum = samples.reduce((total, sample) => total + sample, 0);
  if (type === "counter") {
    return { count: sum, rate: sum / seconds }[stat];
  }
  if (type === "rate") {
    return { rate: samples.length ? sum / samples.length : 0, passes: sum, fails: samples.length - sum }[stat];
  }
  const sorted = [...samples].sort((a, b) => a - b);
  const percentile = /^p\(([\d.]+)\)$/.exec(stat);
  if (percentile || stat === "med") {
    return interpolated(sorted, percentile ? Number(percentile[1]) / 100 : 0.5);
  }
  const ends = { min: sorted[0] ?? 0, max: sorted[sorted.length - 1] ?? 0 };
  return { count: samples.length, avg: samples.length ? sum / samples.length : 0, ...ends }[stat];
}

/** Between the two nearest samples, as k6 does. */
function interpolated(sorted, share) {
  const place = share * (sorted.length - 1);
  const low = Math.floor(place);
  const high = Math.ceil(place);
  return sorted.length ? sorted[low] + (sorted[high] - sorted[low]) * (place - low) : 0;
}

/** Evaluate one threshold; k6 leaves those of a metric without a sample alone. */
function holds(metric, expression, seconds) {
  const parts = EXPRESSION.exec(expression);
  const actual = parts && value(metric, parts[1], seconds);
  if (actual === undefined || actual === null) {
    throw new Error(`"${expression}" is no threshold of a ${metric.type}`);
  }
  return metric.samples.length === 0 || COMPARE[parts[2]](actual, Number(parts[3]));
}

/** Make the object that `handleSummary` gets. */
export function summaryData(options, setupData, milliseconds) {
  const trendStats = options.summaryTrendStats ?? ["avg", "min", "med", "max", "p(90)", "p(95)"];
  const stats = { counter: ["count", "rate"], rate: ["rate", "passes", "fails"], trend: trendStats };
  const seconds = milliseconds / 1000;
  const data = { metrics: {}, setup_data: setupData };
  const bounds = options.thresholds ?? {};
  for (const name of Object.keys(bounds).filter((wanted) => !metrics.has(wanted))) {
    throw new Error(`a threshold names no metric: ${name}`);
  }
  for (const [name, metric] of metrics) {
    if (metric.samples.length || bounds[name]) {
      const values = Object.fromEntries(stats[metric.type].map((stat) => [stat, value(metric, stat, seconds)]));
      const thresholds = (bounds[name] ?? []).map((source) => [source, { ok: holds(metric, source, seconds) }]);
      data.metrics[name] = { type: metric.type, values };
      if (thresholds.length) {
        data.metrics[name].thresholds = Object.fromEntries(thresholds);
      }
    }
  }
  data.root_group = { name: "", path: "", groups: [], checks: [...checks.values()] };
  data.options = { summaryTrendStats: trendStats };
  data.state = { isStdOutTTY: false, isStdErrTTY: false, testRunDurationMs: milliseconds };
  return data;
}
