/** The curves of the charts. */

import { amount, count, duration, percent } from "../format.js";
import { Chart } from "./chart.js";

const SMALLEST_MS = 0.5; // the first bucket of the service's histograms: it tells no values apart

/** Return a quantile as words: in the first bucket only the upper bound is known. */
export const quantile = (ms) => (ms === null ? "–" : ms < SMALLEST_MS ? `<\u202f${SMALLEST_MS} ms` : duration(ms));

const number = (name) => (point) => point[name];
const unanswered = (point) => point.unavailable + point.late + point.failed + point.rejected;
const answers = (point) => point.memory + point.redis + point.shared + point.computed;
const share = (name) => (point) => (answers(point) ? point[name] / answers(point) : null);

/**
 * Make the charts; pointing at a moment in one shows it in all.
 *
 * @param {() => number} step seconds that a slot lasts
 */
export function makeCharts(step) {
  const charts = [];
  const mark = (slot) => charts.forEach((chart) => chart.mark(slot));
  charts.push(...[...traffic(step), ...work()].map((options) => new Chart(options, mark)));
  return charts;
}

function traffic(step) {
  const rate = (name) => (point) => point[name] / step();
  return [
    {
      title: "Requests a second", stacked: true, format: amount,
      series: [
        { name: "memory", label: "hits", value: rate("hits") },
        { name: "worker", label: "misses", value: rate("misses") },
        { name: "bad", label: "not answered", value: (point) => unanswered(point) / step() },
      ],
    },
    {
      title: "Time to answer", log: true, format: quantile,
      series: [
        { name: "memory", label: "hits p50", value: number("hit_p50") },
        { name: "memory far", label: "p99", value: number("hit_p99") },
        { name: "worker", label: "misses p50", value: number("miss_p50") },
        { name: "worker far", label: "p99", value: number("miss_p99") },
      ],
    },
    {
      title: "Not answered, in 5 seconds", stacked: true, format: count, least: 4,
      series: [
        { name: "redis", label: "503 refused", value: number("unavailable") },
        { name: "worker", label: "504 late", value: number("late") },
        { name: "bad", label: "500 failed", value: number("failed") },
      ],
    },
  ];
}

function work() {
  const seconds = (name) => (point) => (point[name] === null ? null : point[name] / 1000);
  return [
    {
      title: "Where answers come from", stacked: true, format: percent, tick: (part) => `${part * 100}\u202f%`,
      series: [
        { name: "memory", label: "memory", value: share("memory") },
        { name: "redis", label: "Redis", value: share("redis") },
        { name: "shared", label: "shared", value: share("shared") },
        { name: "worker", label: "a worker", value: share("computed") },
      ],
    },
    {
      title: "In the queue", format: count, least: 4,
      series: [
        { name: "redis", label: "texts of requests", value: number("interactive") },
        { name: "shared", label: "chunks of jobs", value: number("bulk") },
      ],
    },
    {
      title: "Age of the oldest", format: (value) => `${amount(value)} s`, least: 1,
      series: [
        { name: "redis", label: "requests", value: seconds("interactive_oldest") },
        { name: "shared", label: "jobs", value: seconds("bulk_oldest") },
      ],
    },
  ];
}
