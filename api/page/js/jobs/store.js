/** What this browser remembers of jobs: in IndexedDB, the same for all tabs of the service. */

import { apiUrl } from "../facts.js";

const NAME = `sentiment ${apiUrl("")}`;
const STORES = ["jobs", "files", "results"];

/**
 * @typedef {{first: number, count: number, key: string, id: string, status: string, done: number, home: boolean,
 *   positive: number, negative: number, failed: number}} JobPart
 *   key: its idempotency key; id: of the service, "" until it is sent; home: whether its results are here
 * @typedef {{id: string, created: number, source: import("../table/source.js").Source, column: number, columns: string[],
 *   rows: number, texts: number, cut: number, parts: JobPart[], canceled: boolean,
 *   problem: {code: string, detail: string, requestId: string} | null}} Job
 */

let opened = null;
const listeners = new Set();
const channel = new BroadcastChannel(NAME);
channel.onmessage = ({ data }) => tell(data);

/** Call `listener(id)` whenever a job has changed, here or in another tab. */
export function onChange(listener) {
  listeners.add(listener);
}

/** Return all jobs, the newest first. */
export async function allJobs() {
  const jobs = await run(["jobs"], "readonly", ({ jobs: store }) => store.getAll());
  return jobs.sort((one, other) => other.created - one.created);
}

/** Return a job, or undefined. */
export const getJob = (id) => run(["jobs"], "readonly", ({ jobs }) => jobs.get(id));

/** Remember a new job and its file. */
export async function addJob(job, file) {
  await run(["jobs", "files"], "readwrite", ({ jobs, files }) => {
    jobs.put(job);
    files.put(file, job.id);
  });
  changed(job.id);
}

/**
 * Change a job as it is now, whatever other tabs have done to it.
 *
 * @param {string} id
 * @param {(job: Job) => void} change
 * @returns {Promise<Job | undefined>} the changed job; undefined if it has been removed
 */
export async function updateJob(id, change) {
  let job;
  await run(["jobs"], "readwrite", ({ jobs }) => {
    const request = jobs.get(id);
    request.onsuccess = () => {
      job = request.result;
      if (job) {
        change(job);
        jobs.put(job);
      }
    };
  });
  if (job) {
    changed(id);
  }
  return job;
}

/** Forget a job with its file and results. */
export async function removeJob(id) {
  await run(STORES, "readwrite", ({ jobs, files, results }) => {
    jobs.delete(id);
    files.delete(id);
    results.delete(IDBKeyRange.bound([id], [id, []]));
  });
  changed(id);
}

/** Return a job's file. */
export const getFile = (id) => run(["files"], "readonly", ({ files }) => files.get(id));

/** Keep the results of one part: one JSON value a line. */
export const putResults = (id, part, blob) =>
  run(["results"], "readwrite", ({ results }) => results.put(blob, [id, part]));

/** Return the results of one part, or undefined. */
export const getResults = (id, part) => run(["results"], "readonly", ({ results }) => results.get([id, part]));

function changed(id) {
  channel.postMessage(id);
  tell(id);
}

function tell(id) {
  for (const listener of listeners) {
    listener(id);
  }
}

/** Run one transaction; its value is that of the request that `work` returns. */
async function run(names, mode, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(names, mode);
    const request = work(Object.fromEntries(names.map((name) => [name, transaction.objectStore(name)])));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("jobs", { keyPath: "id" });
      request.result.createObjectStore("files");
      request.result.createObjectStore("results");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}
