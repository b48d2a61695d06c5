/** Reads a file's rows, and the text in each. */

import { wellFormed } from "../browser.js";
import { CsvParser } from "./csv.js";
import { decoded } from "./encoding.js";
import { FileFault } from "./fault.js";
import { jsonText, strictJson } from "./json.js";

/**
 * Yield a file's rows, some hundreds at a time: cells of a table, a line of text, or a line of NDJSON.
 *
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
 * @param {number} most characters
 * @returns {(row: any) => {text: string, cut: boolean}} text: "" if the row has none
 */
export function reader(source, column, most) {
  const name = source.columns[column];
  const cell = {
    csv: (row) => row[column] || "",
    lines: (row) => row,
    ndjson: (row) => jsonText(row, name),
  }[source.format];
  return (row) => prepare(cell(row), most);
}

function prepare(text, most) {
  if (!text.trim()) {
    return { text: "", cut: false };
  }
  const whole = wellFormed(text);
  if (whole.length <= most) {
    return { text: whole, cut: false };
  }
  const letters = Array.from(whole.slice(0, 2 * most));
  const cut = letters.length > most || whole.length > 2 * most;
  return { text: cut ? letters.slice(0, most).join("") : whole, cut };
}

/** Lines of text; or of JSON, of which blank ones are none. */
export class LineParser {
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
    const lines = this.rest ? [this.rest.replace(/\r$/, "")] : [];
    this.rest = "";
    return this.#checked(lines);
  }

  #checked(lines) {
    if (!this.json) {
      return lines;
    }
    return lines.flatMap((line) => {
      this.lines += 1;
      const strict = line.trim() ? strictJson(line) : "";
      if (strict === null) {
        throw new FileFault("line", this.lines);
      }
      return strict || [];
    });
  }
}
