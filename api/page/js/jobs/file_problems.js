/** Sentences for files that cannot be read. */

import { count } from "../format.js";

const SENTENCES = {
  binary: (name) => [`${name} is no text file`, "From a spreadsheet, choose “Save as” and CSV; then drop that."],
  empty: (name) => [`${name} is empty`, "There is nothing in it to classify."],
  json: (name) => [`${name} is not one JSON value a line`, 'NDJSON has an object on each line: {"text": "…"}.'],
  line: (name, line) => [`Line ${count(line)} of ${name} is no JSON`, "Mend that line and drop the file again."],
  quote: (name) => [`A quotation mark in ${name} is never closed`, "So rows and cells cannot be told apart. Mend it and drop the file again."],
  QuotaExceededError: () => ["This browser has no room for the file", "Remove jobs below that you have downloaded, then drop it again."],
};
const unreadable = (name) => [`${name} cannot be read`, "It may have been moved, or the browser may not keep anything for this page."];

/** Return a title and a sentence for what was thrown while `file` was read. */
export function explainFile(error, file) {
  const [title, text] = (SENTENCES[error.reason || error.name] || unreadable)(file.name, error.line);
  return { title, text };
}
