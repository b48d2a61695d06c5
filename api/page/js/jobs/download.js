/** Saves the finished file. */

import { h } from "../dom.js";
import { facts } from "../facts.js";
import { merged } from "./merge.js";
import { getFile, getResults } from "./store.js";

const TYPES = { csv: "text/csv", ndjson: "application/x-ndjson" };
const KEEP_MS = 60_000;

/** Build the file with labels and scores, and let the browser save it. */
export async function download(job, format) {
  const pieces = [];
  for await (const piece of merged(job, await getFile(job.id), resultsOf(job), format, facts.chars)) {
    pieces.push(new Blob([piece])); // so that the browser may put it on disk
  }
  const url = URL.createObjectURL(new Blob(pieces, { type: TYPES[format] }));
  h("a", { href: url, download: `${job.source.name.replace(/\.[^.]+$/, "")}-sentiment.${format}` }).click();
  setTimeout(() => URL.revokeObjectURL(url), KEEP_MS);
}

/** Yield the results of all parts: for each text its JSON, null if there is none, and the form of its answer. */
async function* resultsOf(job) {
  for (const [index, part] of job.parts.entries()) {
    const blob = part.home ? await getResults(job.id, index) : null;
    const lines = blob ? (await blob.text()).split("\n") : [];
    for (let at = 0; at < part.count; at += 1) {
      yield { line: lines[at] ?? null, form: part.form };
    }
  }
}
