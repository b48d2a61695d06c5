/**
 * The record of each request: 16 bytes, little-endian, the same as `wrk.lua` writes.
 *
 * double: end in µs of the monotonic clock; uint32: latency in µs; uint16: status, 0 for none; uint8: cache class that
 * was seen; uint8: cache class that was expected.
 */

/** Values of `Cache-Status`, seen or expected. */
export const CACHE_CLASS = Object.freeze({ none: 0, hit: 1, miss: 2, mixed: 3 });

const BYTES = 16;

/**
 * Tell hits from misses (RFC 9211; a batch of both says how many of each).
 *
 * @param {string | undefined} header
 * @returns {number}
 */
export function cacheClass(header) {
  if (!header) {
    return CACHE_CLASS.none;
  }
  if (header.endsWith("; hit")) {
    return CACHE_CLASS.hit;
  }
  return /hits=[1-9]/.test(header) ? CACHE_CLASS.mixed : CACHE_CLASS.miss;
}

/** Records of a run, in memory until the end. */
export class Records {
  /** @param {number} most */
  constructor(most) {
    this.view = new DataView(new ArrayBuffer(most * BYTES));
    this.count = 0;
  }

  /**
   * @param {number} end in µs
   * @param {number} latency in µs
   * @param {number} status
   * @param {number} seen
   * @param {number} expected
   */
  add(end, latency, status, seen, expected) {
    const at = this.count * BYTES;
    this.view.setFloat64(at, end, true);
    this.view.setUint32(at + 8, Math.round(latency), true);
    this.view.setUint16(at + 12, status, true);
    this.view.setUint8(at + 14, seen);
    this.view.setUint8(at + 15, expected);
    this.count += 1;
  }

  /** @returns {Uint8Array} */
  get bytes() {
    return new Uint8Array(this.view.buffer, 0, this.count * BYTES);
  }
}
