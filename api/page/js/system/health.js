/** The system's health in sentences, the worst first. */

import { count, percent, plural } from "../format.js";

/** @returns {{level: "good" | "warn" | "bad", sentences: string[]}} */
export function judge(stats) {
  const bad = [];
  const warn = [];
  const { redis, lanes, minute } = stats;
  if (!redis.broker.up) {
    bad.push("The broker does not answer: only what is known already can be answered, and no job is accepted.");
  } else if (lanes && !lanes.interactive.workers) {
    bad.push("No worker takes requests: only what is known already can be answered.");
  }
  if (!redis.cache.up) {
    warn.push("The cache does not answer: answers are right, but more of them are computed again.");
  }
  if (lanes && !lanes.bulk.workers && lanes.bulk.items) {
    warn.push(`No worker takes jobs, and ${plural(lanes.bulk.items, "chunk")} ${lanes.bulk.items === 1 ? "waits" : "wait"}.`);
  }
  const unanswered = minute.unavailable + minute.late + minute.failed;
  if (unanswered) {
    warn.push(`${count(unanswered)} of ${plural(minute.requests, "request")} in the last minute got no answer (${percent(unanswered / minute.requests)}).`);
  }
  warn.push(...stats.warnings.map((warning) => `${warning[0].toUpperCase()}${warning.slice(1)}.`));
  const versions = new Set((stats.workers || []).map((worker) => worker.version));
  if (versions.size > 1) {
    warn.push(`Workers of ${versions.size} model versions are there; answers come from either until the active one has taken over.`);
  }
  const level = bad.length ? "bad" : warn.length ? "warn" : "good";
  return { level, sentences: level === "good" ? ["Everything works."] : [...bad, ...warn] };
}
