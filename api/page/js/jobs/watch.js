/** Follows the sent jobs: one request at a time for all of them, almost none while the tab is hidden. */

import { ask, askJson, Problem } from "../api.js";
import { onKey } from "../key.js";
import { applied, countLabels, currentForm, formOf, noCounts } from "../labels.js";
import { modelOf } from "../model.js";
import { allJobs, changed, putResults, removeJob, updateJob } from "./store.js";
import { held } from "./submit.js";
import { isOpen, isOver } from "./state.js";

const LONG_S = 20;
const SHORT_S = 1;
const HIDDEN_MS = 5 * 60_000; // the service keeps results for an hour: a hidden tab must fetch them earlier
const BACK_OFF_MS = 3000;
const PAGE = 10_000;

let running = false;
let turn = 0;
let wake = () => {};
let interrupt = () => {};

/** Follow all jobs until each has ended; `now`: end a request that waits for a change. */
export async function watch(now = false) {
  if (running) {
    if (now && !document.hidden) {
      interrupt();
    }
    return;
  }
  running = true;
  try {
    for (let open = await openParts(); open.length; open = await openParts()) {
      if (document.hidden) {
        await rest(HIDDEN_MS);
      }
      await step(open);
    }
  } finally {
    running = false;
  }
}

document.addEventListener("visibilitychange", () => wake());
onKey(() => wake());

async function openParts() {
  const jobs = await allJobs();
  const open = jobs.reverse().flatMap((job) =>
    job.parts.flatMap((part, index) => (isOpen(part) ? [{ job, part, index }] : [])));
  return open;
}

/** Wait until the oldest part changes, then ask for the state of one other. */
async function step(open) {
  const [oldest, ...others] = open;
  await look(oldest, others.length ? SHORT_S : LONG_S);
  if (others.length) {
    turn = (turn + 1) % others.length;
    await look(others[turn], 0);
  }
}

async function look({ job, part, index }, wait) {
  const limit = new AbortController();
  wake = interrupt = () => limit.abort();
  try {
    const { data } = await askJson(`jobs/${part.id}${wait ? `?wait=${wait}` : ""}`, {
      patience: (LONG_S + 15) * 1000, signal: limit.signal,
    });
    wake = interrupt = () => {};
    const found = { status: data.status, done: data.progress.done };
    if (held.delete(job.id) || found.status !== part.status || found.done !== part.done) {
      await updateJob(job.id, (now) => Object.assign(now.parts[index], found));
    }
    if (isOver(found)) {
      await collect(job, part, index);
    }
  } catch (error) {
    if (!limit.signal.aborted) {
      await stumble(job, index, error);
    }
  }
}

/** Fetch and store the results: the service deletes them after a while. */
async function collect({ id, allScores }, part, index) {
  await modelOf(null);
  const { labels, multi } = currentForm();
  const query = allScores || multi || labels.length <= 2 ? "" : "&top_k=1"; // of many labels, only what is written is stored
  const pages = [];
  for (let offset = 0; offset < part.count; offset += PAGE) {
    const { body: page } = await ask(`jobs/${part.id}/results?offset=${offset}&limit=${PAGE}${query}`, {
      headers: { Accept: "application/x-ndjson" }, patience: 60_000,
    });
    pages.push(page);
  }
  const lines = pages.reduce((total, page) => total + page.split("\n").length - 1, 0);
  if (lines !== part.count) {
    throw new Problem("offline"); // cut off on the way
  }
  const counts = await tally(pages);
  await putResults(id, index, new Blob(pages));
  if (!(await updateJob(id, (job) => Object.assign(job.parts[index], counts, { home: true })))) {
    await removeJob(id); // removed meanwhile, and so are these
  }
}

/** Count what is in the results, by the form of the model that gave them. */
async function tally(pages) {
  const counts = { labels: noCounts(), none: 0, failed: 0, form: null };
  for (const line of pages.flatMap((page) => page.split("\n"))) {
    if (line.startsWith("[")) {
      const prediction = JSON.parse(line);
      if (!counts.form) {
        await modelOf(prediction);
        counts.form = formOf(prediction);
      }
      countLabels(prediction, counts.labels, counts.form);
      counts.none += applied(prediction, counts.form).length ? 0 : 1;
    } else if (line.startsWith("{")) {
      counts.failed += 1;
    }
  }
  return counts;
}

async function stumble(job, index, error) {
  const problem = error instanceof DOMException ? new Problem("storage") : error;
  if (!(problem instanceof Problem)) {
    throw error;
  }
  if (problem.status === 404 || problem.status === 410) {
    // Unknown, or expired: there is nothing to wait for any longer.
    await updateJob(job.id, (now) => Object.assign(now.parts[index], { status: "gone" }));
    return;
  }
  const ms = problem.retryAfter * 1000 || BACK_OFF_MS;
  held.set(job.id, { problem, until: Date.now() + ms });
  changed(job.id);
  await rest(problem.status === 401 ? HIDDEN_MS : ms);
}

/** Wait for a time, or until `wake` is called. */
function rest(ms) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}
