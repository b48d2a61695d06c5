/** Finds a file's format, encoding and columns from its name and its beginning. */

import { CsvParser } from "./csv.js";
import { sniffEncoding } from "./encoding.js";
import { FileFault } from "./fault.js";
import { jsonNames, jsonText, strictJson } from "./json.js";
import { LineParser } from "./rows.js";

const SAMPLE_BYTES = 256 * 1024;
const SAMPLE_ROWS = 200;
const DELIMITERS = [",", ";", "\t", "|"];
const TEXT_NAMES = /^(text|review|comment|sentence|content|message|body|tweet|feedback|description)s?$/i;
const TEXT_PART = /text|review|comment|sentence|message|feedback/i;

/**
 * @typedef {{name: string, format: "csv" | "ndjson" | "lines", delimiter: string, quoting: boolean, encoding: string,
 *   bom: boolean, header: boolean, columns: string[]}} Source
 */

/**
 * Look at a file.
 *
 * @returns {Promise<{source: Source, sample: any[], column: number | string}>} sample: the first rows; column: a guess
 */
export async function inspect(file) {
  const bytes = new Uint8Array(await file.slice(0, SAMPLE_BYTES).arrayBuffer());
  const whole = bytes.length === file.size;
  const { encoding, bom } = sniffEncoding(bytes, whole);
  const beginning = new TextDecoder(encoding).decode(bytes, { stream: !whole });
  if (!beginning.trim()) {
    throw new FileFault("empty");
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
    throw new FileFault("json");
  }
  return extension === "csv" || extension === "tsv" || extension === "tab" ? "csv" : "lines";
}

function asLines(source, beginning) {
  const parser = new LineParser("lines");
  const sample = [...parser.push(beginning), ...parser.end()].slice(0, SAMPLE_ROWS);
  return { source: { ...source, columns: ["text"] }, sample, column: 0 };
}

function asCsv(source, beginning) {
  const delimiter = /\.(tsv|tab)$/i.test(source.name) ? "\t" : sniffDelimiter(beginning);
  const quoting = delimiter !== "\t" || quotesTabs(beginning);
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
  const lines = beginning.split(/\r\n|\n|\r/).slice(0, SAMPLE_ROWS);
  const sample = lines.filter((line) => line.trim()).map(strictJson).filter(Boolean);
  if (!sample.length) {
    throw new FileFault("json");
  }
  const names = [...new Set(sample.flatMap(jsonNames))];
  const columns = names.length ? names : ["text"];
  const rows = sample.map((line) => columns.map((name) => jsonText(line, name)));
  return { source: { ...source, columns }, sample, column: guessColumn(columns, lengths(rows, columns.length)) };
}

/** The delimiter that cuts the first lines into the most cells, the same number in each. */
function sniffDelimiter(beginning) {
  const scores = DELIMITERS.map((delimiter) => evenness(beginning, delimiter));
  return DELIMITERS[Math.max(0, scores.indexOf(Math.max(...scores)))];
}

function evenness(beginning, delimiter, quoting = true) {
  const rows = new CsvParser(delimiter, quoting).push(`${beginning}\n`).slice(0, 20);
  const widths = rows.map((row) => row.length);
  const usual = widths.filter((width) => width === widths[0]).length;
  return widths.length && widths[0] > 1 ? widths[0] * (usual / widths.length) ** 2 : 0;
}

/** Many programs write tabs without any quoting: quotation marks count if they make rows even, or enclose a whole cell. */
function quotesTabs(beginning) {
  const gain = evenness(beginning, "\t") - evenness(beginning, "\t", false);
  return gain > 0 || (gain === 0 && /(^|\t)"[^\t]*"(\t|\r?\n|$)/.test(beginning));
}

/** Names are short, differ, are no numbers, and differ from the cells below. */
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
