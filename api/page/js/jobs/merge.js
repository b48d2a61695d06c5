/** Joins a file's rows with their results, in order. */

import { applied } from "../labels.js";
import { csvLine } from "../table/csv.js";
import { jsonCells } from "../table/json.js";
import { batches, reader } from "../table/rows.js";
import { free } from "../table/source.js";

const FLUSH_CHARS = 1 << 20;
const SINGLE = { multi: false }; // a job that an earlier release of the page has stored
const SEPARATORS = ["|", ";", "\n"]; // a model's labels hold no control characters

/**
 * Yield the lines of the file that is downloaded, in large pieces.
 *
 * @param {AsyncGenerator<{line: string | null, form: import("../labels.js").Form | null}>} results for each text its JSON,
 *   null if there is none, and the form of its answer
 * @param {number} chars most characters of a text, as when it was sent
 */
export async function* merged(job, file, results, format, chars) {
  const read = reader(job.source, job.column, chars);
  const writer = format === "csv" ? csvWriter(job) : ndjsonWriter(job);
  const separator = separatorOf(job);
  let piece = writer.head;
  for await (const batch of batches(file, job.source)) {
    for (const row of batch) {
      const result = read(row).text ? (await results.next()).value : null;
      piece += writer.line(row, outcome(result, separator));
    }
    if (piece.length > FLUSH_CHARS) {
      yield piece;
      piece = "";
    }
  }
  yield piece;
}

/** @returns {{label: string | null, score: number | null, error: string, scores: Map<string, number>}} null where there is nothing */
function outcome(result, separator) {
  const value = result?.line ? JSON.parse(result.line) : null;
  if (!Array.isArray(value)) {
    return { label: null, score: null, error: value ? value.error.detail : "", scores: new Map() };
  }
  const names = applied(value, result.form || SINGLE).map(({ label }) => label);
  return { label: names.join(separator), score: value[0].score, error: "", scores: new Map(value.map(({ label, score }) => [label, score])) };
}

/** Return what stands between the labels that apply to a text; no label contains it. */
export function separatorOf({ parts }) {
  const labels = parts.flatMap(({ form }) => form?.labels || []);
  return SEPARATORS.find((one) => !labels.some((label) => label.includes(one)));
}

/** Name the columns that are added, so that none of the file's own is hidden. @returns {{name: string, kind: string, label?: string}[]} */
function added(job, labels) {
  const taken = new Set(job.columns);
  const failed = job.parts.some((part) => part.failed);
  const scores = labels.map((label) => ({ kind: "scores", label, name: free(`score_${label}`, taken) }));
  const others = ["label", "score", ...(failed ? ["error"] : [])].map((kind) => ({ kind, name: free(kind, taken) }));
  return [...others.slice(0, 2), ...scores, ...others.slice(2)];
}

function csvWriter(job) {
  const { source } = job;
  const delimiter = source.format === "csv" && source.delimiter !== "\t" ? source.delimiter : ",";
  const extra = added(job, job.allScores ? [...new Set(job.parts.flatMap(({ form }) => form?.labels || []))] : []);
  const cells = cellsOf(source, job.columns);
  const head = csvLine([...job.columns, ...extra.map(({ name }) => name)], delimiter);
  const bare = source.format === "csv" && !source.header;
  return {
    head: `${source.bom ? "\ufeff" : ""}${bare ? "" : `${head}\r\n`}`,
    line: (row, found) => `${csvLine([...cells(row), ...extra.map((column) => cell(found, column))], delimiter)}\r\n`,
  };
}

const cell = (found, { kind, label }) => (kind === "scores" ? found.scores.get(label) ?? "" : found[kind]);

/** Return how a row becomes cells, as many as there are columns. */
export function cellsOf({ format }, columns) {
  return {
    lines: (row) => [row],
    csv: (row) => columns.map((_, index) => row[index] ?? "").concat(row.slice(columns.length)),
    ndjson: (row) => jsonCells(row, columns),
  }[format];
}

function ndjsonWriter(job) {
  const extra = added(job, []);
  const all = job.allScores && free("scores", new Set(job.columns));
  const members = (found) => [
    ...extra.filter(({ kind }) => kind !== "error" || found.error).map(({ kind, name }) => `${JSON.stringify(name)}:${JSON.stringify(found[kind])}`),
    ...(all ? [`${JSON.stringify(all)}:${object(found.scores)}`] : []),
  ].join(",");
  return { head: "", line: (row, found) => `${withMembers(job, row, members(found))}\n` };
}

/** Write scores as an object that keeps their order, also of labels that are numbers. */
const object = (scores) => (scores.size
  ? `{${[...scores].map(([label, score]) => `${JSON.stringify(label)}:${JSON.stringify(score)}`).join(",")}}` : "null");

/** Write a row as an object; one that was an object keeps its own spelling. */
function withMembers({ source, columns }, row, members) {
  if (source.format === "ndjson" && row.trimStart().startsWith("{")) {
    const head = row.trimEnd().slice(0, -1).trimEnd();
    return `${head}${head.trim() === "{" ? "" : ","}${members}}`;
  }
  const own = source.format === "csv"
    ? columns.map((name, index) => `${JSON.stringify(name)}:${JSON.stringify(row[index] ?? "")}`)
    : [`"text":${source.format === "ndjson" ? row.trim() : JSON.stringify(row)}`];
  return `{${own.join(",")},${members}}`;
}
