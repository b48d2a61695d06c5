/**
 * The due moments of an open loop's requests, which no earlier request moves.
 *
 * @typedef {object} Phase
 * @property {number} seconds
 * @property {number} from requests a second at its begin
 * @property {number} to at its end; the rate changes evenly
 */

import { Random } from "../../traffic/random.js";

/**
 * @param {Phase[]} phases
 * @param {number | undefined} seed of a Poisson process; without one the gaps are even
 * @returns {number[]} seconds from the begin, ascending
 */
export function schedule(phases, seed) {
  const random = seed === undefined ? undefined : new Random(`arrivals ${seed}`);
  const times = [];
  let begin = 0;
  let done = 0; // the integral of the rate up to `begin`
  let next = gap(random);
  for (const { seconds, from, to } of phases) {
    const slope = (to - from) / seconds;
    const requests = ((from + to) / 2) * seconds;
    while (next <= done + requests) {
      times.push(begin + inverse(next - done, from, slope));
      next += gap(random);
    }
    begin += seconds;
    done += requests;
  }
  return times;
}

/**
 * @param {Random | undefined} random
 * @returns {number} of a process with rate 1
 */
function gap(random) {
  return random ? -Math.log(1 - random.next()) : 1;
}

/**
 * Solve from * t + slope * t² / 2 = count.
 *
 * @param {number} count
 * @param {number} from
 * @param {number} slope
 * @returns {number} t
 */
function inverse(count, from, slope) {
  if (slope === 0) {
    return count / from;
  }
  return (Math.sqrt(Math.max(0, from * from + 2 * slope * count)) - from) / slope;
}
