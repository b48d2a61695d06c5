/** Decodes files: UTF-8, UTF-16 with a mark, else Windows-1252, as spreadsheets on Windows write it. */

import { FileFault } from "./fault.js";

const BOMS = [
  { encoding: "utf-8", bytes: [0xef, 0xbb, 0xbf] },
  { encoding: "utf-16le", bytes: [0xff, 0xfe] },
  { encoding: "utf-16be", bytes: [0xfe, 0xff] },
];

const CHUNK_BYTES = 256 * 1024;

/**
 * Tell the encoding from the first bytes.
 *
 * @param {boolean} whole whether that is all there is
 * @returns {{encoding: string, bom: boolean}}
 */
export function sniffEncoding(bytes, whole) {
  const marked = BOMS.find(({ bytes: mark }) => mark.every((byte, index) => bytes[index] === byte));
  if (marked) {
    return { encoding: marked.encoding, bom: true };
  }
  const utf8 = isUtf8(bytes, whole);
  const zeros = bytes.filter((byte) => byte === 0).length;
  if (zeros && (!utf8 || zeros > bytes.length / 4)) {
    throw new FileFault("binary");
  }
  return { encoding: utf8 ? "utf-8" : "windows-1252", bom: false };
}

/** Yield a file's text in pieces; bytes that are not of `encoding` throw a TypeError. */
export async function* decoded(blob, encoding) {
  const decoder = new TextDecoder(encoding, { fatal: true });
  for (let at = 0; at < blob.size; at += CHUNK_BYTES) {
    const bytes = await blob.slice(at, at + CHUNK_BYTES).arrayBuffer();
    yield decoder.decode(bytes, { stream: true });
  }
  yield decoder.decode();
}

function isUtf8(bytes, whole) {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: !whole });
    return true;
  } catch {
    return false;
  }
}
