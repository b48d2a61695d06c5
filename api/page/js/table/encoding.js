/** From a file's bytes to its text: UTF-8 if it is that, else what spreadsheets on Windows write. */

const BOMS = [
  { encoding: "utf-8", bytes: [0xef, 0xbb, 0xbf] },
  { encoding: "utf-16le", bytes: [0xff, 0xfe] },
  { encoding: "utf-16be", bytes: [0xfe, 0xff] },
];

/** The file holds no text. */
export class BinaryFileError extends Error {}

/**
 * Tell the encoding from the first bytes.
 *
 * @param {Uint8Array} bytes
 * @param {boolean} whole whether that is all there is
 * @returns {{encoding: string, bom: boolean}}
 * @throws {BinaryFileError}
 */
export function sniffEncoding(bytes, whole) {
  const marked = BOMS.find(({ bytes: mark }) => mark.every((byte, index) => bytes[index] === byte));
  if (marked) {
    return { encoding: marked.encoding, bom: true };
  }
  if (bytes.includes(0)) {
    throw new BinaryFileError();
  }
  return { encoding: isUtf8(bytes, whole) ? "utf-8" : "windows-1252", bom: false };
}

/** Yield a file's text in pieces; one that is not what `encoding` says throws a TypeError. */
export async function* decoded(blob, encoding) {
  const reader = blob.stream().pipeThrough(new TextDecoderStream(encoding, { fatal: true })).getReader();
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      yield step.value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function isUtf8(bytes, whole) {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: !whole });
    return true;
  } catch {
    return false;
  }
}
