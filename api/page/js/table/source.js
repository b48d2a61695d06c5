/** What a file is, found out from its name and its beginning. */

import { CsvParser } from "./csv.js";
import { sniffEncoding } from "./encoding.js";

const SAMPLE_BYTES = 256 * 1024;
const SAMPLE_ROWS = 200;
const DELIMITERS = [",", ";", "\t", "|"];
const TEXT_NAMES = /^(text|review|comment|sentence|content|message|body|tweet|feedback|description)s?$/i;
const TEXT_PART = /text|review|comment|sentence|message|feedback/i;

/** The file is empty. */
export class EmptyFileError extends Error {}

/** It is JSON, but not one value a line. */
export class JsonFileError extends Error {}

/**
 * @typedef {{name: string, format: "csv" | "ndjson" | "lines", delimiter: string, quoting: boolean, encoding: string,
 *   bom: boolean, header: boolean, columns: string[]}} Source
 */

/**
 * Look at a file.
 *
 * @param {File} file
 * @returns {Promise<{source: Source, sample: any[], column: number | string}>} sample: the first rows; column: a guess
 */
export async function inspect(file) {
  const bytes = new Uint8Array(await file.slice(0, SAMPLE_BYTES).arrayBuffer());
  const whole = bytes.length === file.size;
  const { encoding, bom } = sniffEncoding(bytes, whole);
  const beginning = new TextDecoder(encoding).decode(bytes, { stream: !whole });
  if (!beginning.trim()) {
    throw new EmptyFileError();
  }
  const format = formatOf(file.name, beginning);
  const source = { name: file.name, format, delimiter: "", quoting: false, encoding, bom, header: false, columns: [] };
  const complete = whole ? beginning : beginning.slice(0, beginning.lastIndexOf("\n") + 1) || beginning;
  const fill = { csv: asCsv, ndjson: asNdjson, lines: asLines }[format];
  return fill(source, complete);
}

/** Give the columns of a table their names: of its first row, or numbers. */
export function nameColumns(source, sample, header) {
  const width = Math.max(...sample.map((row) => row.length));
  const names = header ? sample[0] : [];
  const columns = Array.from({ length: width }, (_, index) => (names[index] || "").trim() || `column_${index + 1}`);
  return { ...source, header, columns: distinct(columns) };
}

/** Guess which column holds the texts: by its name, else the one with the longest cells. */
export function guessColumn(columns, lengths) {
  for (const pattern of [TEXT_NAMES, TEXT_PART]) {
    const named = columns.findIndex((name) => pattern.test(name));
    if (named >= 0) {
      return named;
    }
  }
  return lengths.indexOf(Math.max(...lengths));
}

/** Return names that are none twice: a second "name" becomes "name_2". */
export function distinct(names) {
  const taken = new Set();
  return names.map((name) => free(name, taken));
}

/** Return a name that is not taken yet, and take it. */
export function free(name, taken) {
  let chosen = name;
  for (let number = 2; taken.has(chosen); number += 1) {
    chosen = `${name}_${number}`;
  }
  taken.add(chosen);
  return chosen;
}

function formatOf(name, beginning) {
  const extension = name.toLowerCase().split(".").pop();
  const first = beginning.trimStart()[0];
  if (["ndjson", "jsonl"].includes(extension) || (first === "{" && extension !== "csv" && extension !== "tsv")) {
    return "ndjson";
  }
  if (extension === "json") {
    throw new JsonFileError();
  }
  return extension === "csv" || extension === "tsv" || extension === "tab" ? "csv" : "lines";
}

function asLines(source, beginning) {
  const sample = beginning.split(/\r\n|\r|\n/).filter((line) => line.trim()).slice(0, SAMPLE_ROWS);
  return { source: { ...source, columns: ["text"] }, sample, column: 0 };
}

function asCsv(source, beginning) {
  const delimiter = /\.(tsv|tab)$/i.test(source.name) ? "\t" : sniffDelimiter(beginning);
  // Many programs write tabs without any quoting, so there a quotation mark counts only if some cell stands between two.
  const quoting = delimiter !== "\t" || /(^|\t)"[^\t]*"(\t|\r?\n|$)/.test(beginning);
  const parser = new CsvParser(delimiter, quoting);
  const sample = parser.push(beginning.endsWith("\n") ? beginning : `${beginning}\n`).slice(0, SAMPLE_ROWS);
  if (!sample.length) {
    sample.push([beginning]); // one cell that is larger than what was looked at
  }
  const named = nameColumns({ ...source, delimiter, quoting }, sample, looksLikeHeader(sample));
  const body = named.header ? sample.slice(1) : sample;
  return { source: named, sample, column: guessColumn(named.columns, lengths(body, named.columns.length)) };
}

function asNdjson(source, beginning) {
  const sample = beginning.split("\n").filter((line) => line.trim()).slice(0, SAMPLE_ROWS);
  const values = sample.map(parsed);
  if (values.every((value) => value === undefined)) {
    throw new JsonFileError();
  }
  const objects = values.filter((value) => value && typeof value === "object" && !Array.isArray(value));
  const columns = objects.length ? [...new Set(objects.flatMap(Object.keys))] : ["text"];
  const rows = objects.map((value) => columns.map((name) => (typeof value[name] === "string" ? value[name] : "")));
  const chosen = objects.length ? columns[guessColumn(columns, lengths(rows, columns.length))] : "text";
  return { source: { ...source, columns }, sample, column: columns.indexOf(chosen) };
}

function parsed(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The delimiter that cuts the first lines into the most cells, the same number in each. */
function sniffDelimiter(beginning) {
  const score = (delimiter) => {
    const rows = new CsvParser(delimiter).push(`${beginning}\n`).slice(0, 20);
    const widths = rows.map((row) => row.length);
    const usual = widths.filter((width) => width === widths[0]).length;
    return widths.length && widths[0] > 1 ? widths[0] * (usual / widths.length) ** 2 : 0;
  };
  const scores = DELIMITERS.map(score);
  return DELIMITERS[Math.max(0, scores.indexOf(Math.max(...scores)))];
}

/** Names are short, differ, are no numbers, and are not what the rows below say as well. */
function looksLikeHeader(sample) {
  const [first, ...rest] = sample;
  const name = (cell) => cell.trim() && cell.length <= 60 && Number.isNaN(Number(cell)) && !/[.!?]$/.test(cell.trim());
  const blank = (cell) => first.length > 1 && !cell.trim();
  return first.every((cell) => name(cell) || blank(cell))
    && first.some((cell) => cell.trim())
    && new Set(first).size === first.length
    && (!rest.length || first.some((cell, index) => rest.every((row) => row[index] !== cell)));
}

function lengths(rows, width) {
  const total = (index) => rows.reduce((sum, row) => sum + (row[index] || "").length, 0);
  return Array.from({ length: width }, (_, index) => total(index) / Math.max(1, rows.length));
}
