/** The view in which whole files are classified. */

import { ask } from "../api.js";
import { $, announce, h, put, text } from "../dom.js";
import { count, plural } from "../format.js";
import { Card } from "./card.js";
import { download } from "./download.js";
import { Setup } from "./setup.js";
import { countWords } from "../labels.js";
import { box } from "../notice.js";
import { isActive, phase, totals } from "./state.js";
import { addJob, allJobs, getFile, getJob, keeps, onChange, removeJob, updateJob } from "./store.js";
import { submit } from "./submit.js";
import { watch } from "./watch.js";

const cards = new Map();
const phases = new Map();
let setup = null;

/** Bring back the jobs that this browser remembers, and go on with those that are not done. */
export async function startJobs() {
  setup = new Setup(create);
  onChange(refresh);
  if (!(await keeps())) {
    put($("jobs-notice"), box({
      title: "This browser stores nothing for this page",
      text: "Cookies are blocked, or the window is private. Jobs work, but they end when the page is closed or loaded again: download the results before.",
    }));
  }
  const jobs = await allJobs();
  for (const job of jobs) {
    show(job, false);
  }
  jobs.forEach(go);
  name();
}

/** Show a file as if it had been dropped. */
export function openFile(file) {
  setup.open(file);
}

async function create(file, made) {
  const id = randomName();
  const parts = made.parts.map((part) => ({
    ...part, key: `page-${id}-${part.first}`, id: "", status: "new", done: 0, home: false, labels: {}, none: 0, failed: 0, form: null,
  }));
  await addJob({ ...made, id, created: Date.now(), parts, canceled: false, problem: null }, file);
  go(await getJob(id));
}

/** Do what is left to do for a job. */
async function go(job) {
  if (job && isActive(job)) {
    const sending = submit(job.id);
    watch();
    await sending;
    watch(true);
  }
}

async function refresh(id) {
  const job = await getJob(id);
  if (job) {
    show(job, true);
    if (job.parts.some((part) => part.id && !part.home)) {
      watch();
    }
  } else {
    cards.get(id)?.element.remove();
    cards.delete(id);
  }
  name();
}

function show(job, first) {
  const card = cards.get(job.id);
  if (card) {
    card.show(job);
  } else {
    const made = new Card(job, { cancel, remove, download: save, again });
    cards.set(job.id, made);
    list()[first ? "prepend" : "append"](made.element);
  }
  tell(job);
}

function list() {
  const place = $("jobs-list");
  if (!place.firstElementChild?.matches("ol")) {
    put(place, h("ol", { class: "job-list", "aria-label": "Jobs of this browser" }));
  }
  return place.firstElementChild;
}

/** Announce once that a job is done. */
function tell(job) {
  const now = phase(job);
  const before = phases.get(job.id);
  phases.set(job.id, now);
  if (before && before !== now && now === "done") {
    announce(`${job.source.name} is done: ${countWords(totals(job).labels, count).join(", ")}.`);
  }
}

/** Show in the navigation how many jobs are under way. */
function name() {
  const active = [...cards.values()].filter((card) => isActive(card.job)).length;
  $("jobs-active").hidden = !active;
  text($("jobs-active-words"), active ? `, ${plural(active, "job")} under way` : "");
}

async function cancel(job) {
  const now = await updateJob(job.id, (found) => {
    found.canceled = true;
  });
  // What has ended meanwhile answers 409, and keeps its results.
  await Promise.all((now?.parts || []).filter((part) => part.id && !part.home).map((part) =>
    ask(`jobs/${part.id}`, { method: "DELETE" }).catch(() => {})));
  watch(true);
}

async function remove(job) {
  const next = cards.get(job.id)?.element.nextElementSibling?.querySelector("button");
  await removeJob(job.id);
  (next || $("jobs-title")).focus?.();
  announce(`${job.source.name} is removed.`);
}

async function save(job, format) {
  await download(job, format);
  announce(`${job.source.name} is ready as ${format.toUpperCase()}.`);
}

/** Send what is lost once more, under new names. */
async function again(job) {
  const file = await getFile(job.id);
  await removeJob(job.id);
  const { source, column, columns, allScores, rows, texts, cut, parts } = job;
  await create(file, { source, column, columns, allScores, rows, texts, cut, parts: parts.map(({ first, count: many }) => ({ first, count: many })) });
}

/** `crypto.randomUUID` is there on HTTPS and on this machine alone. */
function randomName() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
