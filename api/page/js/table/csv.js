/** Reads and writes CSV (RFC 4180) with any delimiter; a quotation mark counts only where a cell begins. */

import { FileFault } from "./fault.js";

const QUOTE = '"';

/** Parses chunks of text into rows of cells; lines without anything are no rows. */
export class CsvParser {
  /** @param {boolean} quoting whether quotation marks mean anything */
  constructor(delimiter, quoting = true) {
    this.delimiter = delimiter;
    this.quoting = quoting;
    this.special = new RegExp(`[${delimiter}\r\n]`, "g");
    this.rows = [];
    this.row = [];
    this.cell = "";
    this.begun = false; // whether the cell holds anything yet, an empty pair of quotation marks included
    this.open = false; // inside quotation marks
    this.closing = false; // a quotation mark ended the last chunk: the end, or the first half of a doubled one
    this.returned = false; // a carriage return ended the last row: a line feed behind it belongs to it
  }

  /** Take a chunk; return the rows that it has completed. */
  push(chunk) {
    let at = 0;
    if (this.closing && chunk) {
      this.closing = false;
      at = this.#close(chunk, 0);
    }
    while (at < chunk.length) {
      at = this.open ? this.#quoted(chunk, at) : this.#plain(chunk, at);
    }
    return this.rows.splice(0);
  }

  /**
   * Say that there is no more; return the last row, if one is open.
   *
   * @throws {FileFault}
   */
  end() {
    if (this.open && !this.closing) {
      throw new FileFault("quote");
    }
    if (this.row.length || this.cell || this.begun) {
      this.#endRow();
    }
    return this.rows.splice(0);
  }

  #plain(chunk, at) {
    if (this.returned) {
      this.returned = false;
      if (chunk[at] === "\n") {
        return at + 1;
      }
    }
    if (this.quoting && !this.begun && chunk[at] === QUOTE) {
      this.open = this.begun = true;
      return at + 1;
    }
    this.special.lastIndex = at;
    const found = this.special.exec(chunk);
    const end = found ? found.index : chunk.length;
    if (end > at) {
      this.cell += chunk.slice(at, end);
      this.begun = true;
    }
    if (!found) {
      return end;
    }
    if (found[0] === this.delimiter) {
      this.#endCell();
    } else {
      this.returned = found[0] === "\r";
      this.#endRow();
    }
    return end + 1;
  }

  #quoted(chunk, at) {
    const end = chunk.indexOf(QUOTE, at);
    if (end < 0) {
      this.cell += chunk.slice(at);
      return chunk.length;
    }
    this.cell += chunk.slice(at, end);
    if (end + 1 === chunk.length) {
      this.closing = true;
      return end + 1;
    }
    return this.#close(chunk, end + 1);
  }

  /** Decide whether the quotation mark before `at` ended the cell. */
  #close(chunk, at) {
    if (chunk[at] === QUOTE) {
      this.cell += QUOTE;
      return at + 1;
    }
    this.open = false;
    return at;
  }

  #endCell() {
    this.row.push(this.cell);
    this.cell = "";
    this.begun = false;
  }

  #endRow() {
    const blank = !this.row.length && !this.begun;
    this.#endCell();
    if (!blank) {
      this.rows.push(this.row);
    }
    this.row = [];
  }
}

/** Write cells as a line, without its end. */
export function csvLine(cells, delimiter = ",") {
  return cells.map((cell) => csvCell(String(cell ?? ""), delimiter)).join(delimiter);
}

function csvCell(cell, delimiter) {
  const plain = !/["\r\n]/.test(cell) && !cell.includes(delimiter) && cell.trim() === cell;
  return plain ? cell : `"${cell.replaceAll('"', '""')}"`;
}
