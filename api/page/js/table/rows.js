/** Reading a file's rows, and the text in each. */

import { CsvParser } from "./csv.js";
import { decoded } from "./encoding.js";

/** A line of NDJSON is no JSON; `line` counts from 1. */
export class BadLineError extends Error {
  /** @param {number} line */
  constructor(line) {
    super(`line ${line}`);
    this.line = line;
  }
}

/**
 * Yield a file's rows, some hundreds at a time: cells of a table, a line of text, or a line of NDJSON.
 *
 * @param {Blob} file
 * @param {import("./source.js").Source} source
 * @returns {AsyncGenerator<any[]>}
 */
export async function* batches(file, source) {
  const parser = source.format === "csv" ? new CsvParser(source.delimiter, source.quoting) : new LineParser(source.format);
  let header = source.header;
  const withoutHeader = (rows) => {
    if (header && rows.length) {
      header = false;
      return rows.slice(1);
    }
    return rows;
  };
  for await (const chunk of decoded(file, source.encoding)) {
    yield withoutHeader(parser.push(chunk));
  }
  yield withoutHeader(parser.end());
}

/**
 * Return the text of a row as it is sent: cut to what the service takes, without halves of characters.
 *
 * @param {import("./source.js").Source} source
 * @param {number} column
 * @param {number} most characters
 * @returns {(row: any) => {text: string, cut: boolean}} text: "" if the row has none
 */
export function reader(source, column, most) {
  const name = source.columns[column];
  const cell = {
    csv: (row) => row[column] || "",
    lines: (row) => row,
    ndjson: (row) => jsonText(JSON.parse(row), name),
  }[source.format];
  return (row) => prepare(cell(row), most);
}

/** Return a value of a line of NDJSON as text: the member of an object, or the value itself. */
export function jsonText(value, name) {
  const found = value && typeof value === "object" && !Array.isArray(value) ? value[name] : value;
  if (found === null || found === undefined) {
    return "";
  }
  return typeof found === "object" ? JSON.stringify(found) : String(found);
}

function prepare(text, most) {
  if (!text.trim()) {
    return { text: "", cut: false };
  }
  const whole = text.toWellFormed ? text.toWellFormed() : text.replace(/\p{Surrogate}/gu, "\ufffd");
  if (whole.length <= most) {
    return { text: whole, cut: false };
  }
  const letters = Array.from(whole.slice(0, 2 * most));
  const cut = letters.length > most || whole.length > 2 * most;
  return { text: cut ? letters.slice(0, most).join("") : whole, cut };
}

/** Lines of text, or of JSON, which must be JSON; blank ones are none. */
class LineParser {
  constructor(format) {
    this.json = format === "ndjson";
    this.rest = "";
    this.lines = 0;
  }

  push(chunk) {
    const lines = (this.rest + chunk).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop();
    return this.#checked(lines);
  }

  end() {
    const lines = [this.rest.replace(/\r$/, "")];
    this.rest = "";
    return this.#checked(lines);
  }

  #checked(lines) {
    const kept = [];
    for (const line of lines) {
      this.lines += 1;
      if (line.trim()) {
        kept.push(this.json ? this.#json(line) : line);
      }
    }
    return kept;
  }

  #json(line) {
    try {
      JSON.parse(line);
    } catch {
      throw new BadLineError(this.lines);
    }
    return line;
  }
}
