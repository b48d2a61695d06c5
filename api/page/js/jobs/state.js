/** What the parts of a job say about the whole. */

const OVER = new Set(["succeeded", "failed", "canceled", "gone"]);

/** Whether a part changes no more. */
export const isOver = (part) => OVER.has(part.status);

/** Whether the service is to be asked about a part: it is sent, and its results are not here yet. */
export const isOpen = (part) => part.id && !part.home && part.status !== "gone";

/** Whether a job still has something to do, by itself. */
export const isActive = (job) => !job.problem && job.parts.some((part) => (part.id ? isOpen(part) : !job.canceled));

/**
 * Add up the parts.
 *
 * @param {import("./store.js").Job} job
 * @returns {{done: number, sent: number, positive: number, negative: number, failed: number, kept: number, gone: number}}
 *   texts that have an answer; parts that are sent; texts by answer, of the parts whose results are here; texts whose
 *   results are gone
 */
export function totals(job) {
  const sum = (name) => job.parts.reduce((total, part) => total + (part[name] || 0), 0);
  return {
    done: sum("done"),
    sent: job.parts.filter((part) => part.id).length,
    positive: sum("positive"),
    negative: sum("negative"),
    failed: sum("failed"),
    kept: sum("positive") + sum("negative") + sum("failed"),
    gone: job.parts.filter((part) => part.status === "gone").reduce((total, part) => total + part.count, 0),
  };
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
