/** The state of a job, computed from its parts. */

import { noCounts, sortCounts } from "../labels.js";

const OVER = new Set(["succeeded", "failed", "canceled", "gone"]);

/** Return whether a part has ended. */
export const isOver = (part) => OVER.has(part.status);

/** Return whether a part is sent and its results are not stored here yet. */
export const isOpen = (part) => part.id && !part.home && part.status !== "gone";

/** Return whether a job still goes on by itself. */
export const isActive = (job) => !job.problem && job.parts.some((part) => (part.id ? isOpen(part) : !job.canceled));

/**
 * Add up the parts.
 *
 * @returns {{done: number, sent: number, labels: [string, number][], two: boolean, multi: boolean, none: number,
 *   failed: number, kept: number, gone: number}}
 *   texts that have an answer; parts that are sent; texts of each label; whether the model has but two labels; whether
 *   several may apply to a text; texts to which none applies; texts that failed; texts whose results are here; texts whose results are gone
 */
export function totals(job) {
  const sum = (name) => job.parts.reduce((total, part) => total + (part[name] || 0), 0);
  const texts = (which) => job.parts.filter(which).reduce((total, part) => total + part.count, 0);
  return {
    done: sum("done"),
    sent: job.parts.filter((part) => part.id).length,
    labels: byLabel(job.parts),
    two: job.parts.every(({ form }) => !form || (form.labels.length <= 2 && !form.multi)),
    multi: job.parts.some(({ form }) => form?.multi),
    none: sum("none"),
    failed: sum("failed"),
    kept: texts((part) => part.home),
    gone: texts((part) => part.status === "gone"),
  };
}

function byLabel(parts) {
  const counts = noCounts();
  for (const [label, many] of parts.flatMap((part) => Object.entries(part.labels || {}))) {
    counts[label] = (counts[label] || 0) + many;
  }
  return sortCounts(counts);
}

/** Name a job's state: sending, waiting, working, collecting, done, canceled, stopped. */
export function phase(job) {
  if (job.problem) {
    return "stopped";
  }
  if (isActive(job)) {
    if (job.parts.some((part) => !part.id) && !job.canceled) {
      return "sending";
    }
    if (job.parts.every((part) => !part.id || isOver(part))) {
      return "collecting";
    }
    return job.parts.some((part) => part.done || part.status === "processing") ? "working" : "waiting";
  }
  return job.canceled || job.parts.some((part) => part.status === "canceled") ? "canceled" : "done";
}
