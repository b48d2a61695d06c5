/** The jobs of this browser, the same in all tabs of the service. */

import { connectTabs } from "../browser.js";
import { apiUrl } from "../facts.js";
import { openDisk } from "./disk.js";
import { Memory } from "./memory.js";

const NAME = `sentiment ${apiUrl("")}`;

/**
 * @typedef {{first: number, count: number, key: string, id: string, status: string, done: number, home: boolean,
 *   labels: Record<string, number>, none: number, failed: number, form: import("../labels.js").Form | null}} JobPart
 *   key: its idempotency key; id: of the service, "" until it is sent; home: whether its results are here; labels: texts by
 *   label; none: texts to which none applies; failed: texts without an answer; form: of its answers
 * @typedef {{id: string, created: number, source: import("../table/source.js").Source, column: number, columns: string[],
 *   allScores: boolean, rows: number, texts: number, cut: number, parts: JobPart[], canceled: boolean,
 *   problem: {code: string, detail: string, requestId: string} | null}} Job
 */

let opened = null;
const listeners = new Set();
const tellTabs = connectTabs(NAME, tell);

/** Open the storage once: IndexedDB, or memory in its place. */
function storage() {
  opened ??= openDisk(NAME, () => {
    opened = null;
  }).catch(() => new Memory());
  return opened;
}

/** Return whether jobs outlive this page. */
export const keeps = async () => !((await storage()) instanceof Memory);

/** Call `listener(id)` whenever a job has changed, here or in another tab. */
export function onChange(listener) {
  listeners.add(listener);
}

/** Return all jobs, the newest first. */
export async function allJobs() {
  const jobs = await (await storage()).all();
  return jobs.sort((one, other) => other.created - one.created);
}

/** Return a job, or undefined. */
export const getJob = async (id) => (await storage()).get("jobs", id);

/** Store a new job and its file. */
export async function addJob(job, file) {
  await (await storage()).put(["jobs", job.id, job], ["files", job.id, file]);
  changed(job.id);
}

/**
 * Change a job as it is stored, with what other tabs have done to it.
 *
 * @returns {Promise<Job | undefined>} the changed job; undefined if it has been removed
 */
export async function updateJob(id, change) {
  const job = await (await storage()).update(id, change);
  if (job) {
    changed(id);
  }
  return job;
}

/** Remove a job with its file and results. */
export async function removeJob(id) {
  await (await storage()).remove(id);
  changed(id);
}

/** Return a job's file. */
export const getFile = async (id) => (await storage()).get("files", id);

/** Store the results of one part: one JSON value a line. */
export const putResults = async (id, part, blob) => (await storage()).put(["results", [id, part], blob]);

/** Return the results of one part, or undefined. */
export const getResults = async (id, part) => (await storage()).get("results", [id, part]);

/** Tell this tab and the others that a job is drawn again. */
export function changed(id) {
  tellTabs(id);
  tell(id);
}

function tell(id) {
  for (const listener of listeners) {
    listener(id);
  }
}
