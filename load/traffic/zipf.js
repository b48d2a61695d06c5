/**
 * Zipf's law over a finite number of ranks: the k-th is drawn in proportion to k^-s.
 */

/** @type {Map<string, Float64Array>} */
const tables = new Map();

/**
 * Make the cumulative table once for each law.
 *
 * @param {number} count
 * @param {number} exponent
 * @returns {Float64Array}
 */
function cumulative(count, exponent) {
  const name = `${count}/${exponent}`;
  let table = tables.get(name);
  if (!table) {
    table = new Float64Array(count);
    let sum = 0;
    for (let rank = 1; rank <= count; rank += 1) {
      sum += rank ** -exponent;
      table[rank - 1] = sum;
    }
    tables.set(name, table);
  }
  return table;
}

/**
 * Draw an index from 0 (the most frequent) to `count` - 1.
 *
 * @param {import("./random.js").Random} random
 * @param {number} count
 * @param {number} exponent s
 * @returns {number}
 */
export function zipf(random, count, exponent) {
  const table = cumulative(count, exponent);
  const target = random.next() * table[count - 1];
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (table[middle] > target) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}
