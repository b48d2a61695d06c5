/** Why a file cannot be read, in plain words. */

import { count } from "../format.js";
import { UnclosedQuoteError } from "../table/csv.js";
import { BinaryFileError } from "../table/encoding.js";
import { BadLineError } from "../table/rows.js";
import { EmptyFileError, JsonFileError } from "../table/source.js";

/** Return a title and a sentence for what was thrown while `file` was read. */
export function explainFile(error, file) {
  if (error instanceof BinaryFileError) {
    return { title: `${file.name} is no text file`, text: "From a spreadsheet, choose “Save as” and CSV; then drop that." };
  }
  if (error instanceof EmptyFileError) {
    return { title: `${file.name} is empty`, text: "There is nothing in it to classify." };
  }
  if (error instanceof JsonFileError) {
    return { title: `${file.name} is not one JSON value a line`, text: "NDJSON has an object on each line: {\"text\": \"…\"}." };
  }
  if (error instanceof BadLineError) {
    return { title: `Line ${count(error.line)} of ${file.name} is no JSON`, text: "Mend that line and drop the file again." };
  }
  if (error instanceof UnclosedQuoteError) {
    return { title: `A quotation mark in ${file.name} is never closed`, text: "So rows and cells cannot be told apart. Mend it and drop the file again." };
  }
  if (error.name === "QuotaExceededError") {
    return { title: "This browser has no room for the file", text: "Remove jobs below that you have downloaded, then drop it again." };
  }
  return { title: `${file.name} cannot be read`, text: "It may have been moved, or the browser may not keep anything for this page." };
}
