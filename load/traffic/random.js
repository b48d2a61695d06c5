/**
 * Seeded random numbers that are the same in every JavaScript engine.
 */

/**
 * Hash a string to 32 bits: FNV-1a (draft-eastlake-fnv) over its UTF-16 units, then MurmurHash3's finaliser, since
 * FNV alone leaves keys that differ in their last characters close together.
 *
 * @param {string} key
 * @returns {number} an unsigned integer
 */
export function hash(key) {
  let h = 0x811c9dc5;
  for (let i = 0; i < key.length; i += 1) {
    h = Math.imul(h ^ key.charCodeAt(i), 0x01000193);
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A stream of random numbers: sfc32 (Chris Doty-Humphrey, PractRand), 128 bits of state. */
export class Random {
  /** @param {string} key what makes this stream its own */
  constructor(key) {
    this.a = hash(`${key}/a`);
    this.b = hash(`${key}/b`);
    this.c = hash(`${key}/c`);
    this.counter = 1;
    for (let i = 0; i < 12; i += 1) {
      this.next();
    }
  }

  /** @returns {number} in [0, 1) */
  next() {
    const sum = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }

  /**
   * @param {number} n
   * @returns {number} an integer in [0, n)
   */
  below(n) {
    return Math.floor(this.next() * n);
  }

  /**
   * @template T
   * @param {readonly T[]} list
   * @returns {T} one of them
   */
  pick(list) {
    return list[this.below(list.length)];
  }
}
