/** Joins a file's rows with their results, in order. */

import { csvLine } from "../table/csv.js";
import { jsonCells } from "../table/json.js";
import { batches, reader } from "../table/rows.js";
import { free } from "../table/source.js";

const FLUSH_CHARS = 1 << 20;

/**
 * Yield the lines of the file that is downloaded, in large pieces.
 *
 * @param {AsyncGenerator<string | null>} results one JSON value for each text; null for one that has none
 * @param {number} chars most characters of a text, as when it was sent
 */
export async function* merged(job, file, results, format, chars) {
  const read = reader(job.source, job.column, chars);
  const writer = format === "csv" ? csvWriter(job) : ndjsonWriter(job);
  let piece = writer.head;
  for await (const batch of batches(file, job.source)) {
    for (const row of batch) {
      const line = read(row).text ? (await results.next()).value : null;
      piece += writer.line(row, outcome(line));
    }
    if (piece.length > FLUSH_CHARS) {
      yield piece;
      piece = "";
    }
  }
  yield piece;
}

/** @returns {{label: string, score: number | string, error: string}} empty where there is nothing */
function outcome(line) {
  const value = line ? JSON.parse(line) : null;
  if (!value) {
    return { label: "", score: "", error: "" };
  }
  return Array.isArray(value)
    ? { label: value[0].label, score: value[0].score, error: "" }
    : { label: "", score: "", error: value.error.detail };
}

/** Name the columns that are added, so that none of the file's own is hidden. */
function added(job) {
  const taken = new Set(job.columns);
  const failed = job.parts.some((part) => part.failed);
  return ["label", "score", ...(failed ? ["error"] : [])].map((kind) => ({ kind, name: free(kind, taken) }));
}

function csvWriter(job) {
  const { source } = job;
  const delimiter = source.format === "csv" && source.delimiter !== "\t" ? source.delimiter : ",";
  const extra = added(job);
  const cells = cellsOf(source, job.columns);
  const head = csvLine([...job.columns, ...extra.map(({ name }) => name)], delimiter);
  const bare = source.format === "csv" && !source.header;
  return {
    head: `${source.bom ? "\ufeff" : ""}${bare ? "" : `${head}\r\n`}`,
    line: (row, found) => `${csvLine([...cells(row), ...extra.map(({ kind }) => found[kind])], delimiter)}\r\n`,
  };
}

/** Return how a row becomes cells, as many as there are columns. */
export function cellsOf({ format }, columns) {
  return {
    lines: (row) => [row],
    csv: (row) => columns.map((_, index) => row[index] ?? "").concat(row.slice(columns.length)),
    ndjson: (row) => jsonCells(row, columns),
  }[format];
}

function ndjsonWriter(job) {
  const extra = added(job);
  const members = (found) => extra.flatMap(({ kind, name }) => {
    const value = found[kind];
    return value === "" && kind === "error" ? [] : [`${JSON.stringify(name)}:${value === "" ? "null" : JSON.stringify(value)}`];
  }).join(",");
  return { head: "", line: (row, found) => `${withMembers(job, row, members(found))}\n` };
}

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
