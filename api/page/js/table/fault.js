/** Why a file cannot be read: it is `binary`, `empty`, `json` in one piece, has a `line` that is no JSON, or a `quote` left open. */
export class FileFault extends Error {
  /** @param {number} line of the file, from 1 */
  constructor(reason, line = 0) {
    super(reason);
    this.reason = reason;
    this.line = line;
  }
}
