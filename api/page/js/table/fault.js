/** A file that cannot be read: `binary`, `empty`, one piece of `json`, with a `line` that is no JSON, or with an open `quote`. */
export class FileFault extends Error {
  /** @param {number} line of the file, from 1 */
  constructor(reason, line = 0) {
    super(reason);
    this.reason = reason;
    this.line = line;
  }
}
