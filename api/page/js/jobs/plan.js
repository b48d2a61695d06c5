/** Cuts a file into jobs, each small enough for the service. */

import { jsonNames } from "../table/json.js";
import { batches, reader } from "../table/rows.js";

const SPARE_BYTES = 1024;
const encoder = new TextEncoder();

/**
 * @typedef {{first: number, count: number}} Part texts of one job: index of its first among the file's texts, and how many
 * @typedef {{rows: number, texts: number, cut: number, columns: string[], parts: Part[]}} Plan
 *   rows of the file; texts in them (a blank one is none); texts that are too long and sent cut; all columns there are
 */

/**
 * Read a file through and decide what goes into which job. The same file gives the same jobs.
 *
 * @param {{chars: number, jobTexts: number, jobBytes: number}} limits
 */
export async function planJobs(file, source, column, limits, onProgress = () => {}) {
  const read = reader(source, column, limits.chars);
  const cutter = new Cutter(limits);
  const columns = new Set(source.columns);
  let rows = 0;
  let cut = 0;
  for await (const batch of batches(file, source)) {
    for (const row of batch) {
      rows += 1;
      note(columns, source, row);
      const found = read(row);
      cut += found.cut;
      if (found.text) {
        cutter.add(found.text);
      }
    }
    onProgress(rows);
  }
  return { rows, texts: cutter.texts, cut, columns: [...columns], parts: cutter.parts };
}

/** Count a file's rows. */
export async function countRows(file, source) {
  let rows = 0;
  for await (const batch of batches(file, source)) {
    rows += batch.length;
  }
  return rows;
}

/** Yield the texts of each part in turn, in the order of the file. */
export async function* textsOf(file, source, column, chars, parts) {
  const read = reader(source, column, chars);
  let texts = [];
  let at = 0;
  for await (const batch of batches(file, source)) {
    for (const row of batch) {
      const { text } = read(row);
      if (!text) {
        continue;
      }
      texts.push(text);
      if (texts.length === parts[at].count) {
        yield texts;
        texts = [];
        at += 1;
      }
    }
  }
}

/** Add the names of a row's members: no row before it may have had them. */
function note(columns, source, row) {
  if (source.format === "ndjson") {
    jsonNames(row).forEach((name) => columns.add(name));
  }
}

class Cutter {
  constructor({ jobTexts, jobBytes }) {
    this.mostTexts = jobTexts;
    this.mostBytes = jobBytes - SPARE_BYTES;
    this.bytes = 0;
    this.texts = 0;
    this.parts = [];
  }

  add(text) {
    const size = encoder.encode(JSON.stringify(text)).length + 1;
    let part = this.parts[this.parts.length - 1];
    if (!part || part.count === this.mostTexts || this.bytes + size > this.mostBytes) {
      part = { first: this.texts, count: 0 };
      this.parts.push(part);
      this.bytes = 0;
    }
    part.count += 1;
    this.bytes += size;
    this.texts += 1;
  }
}
