/**
 * The contents of each kind of traffic.
 *
 * @typedef {object} Batches
 * @property {number} share of all requests
 * @property {number} least texts in one request
 * @property {number} most texts in one request
 *
 * @typedef {object} Profile
 * @property {number} hitShare share of requests that repeat a text of the pool; the others are never seen again
 * @property {number} pool how many texts are repeated
 * @property {number} [zipf] exponent by which every text is drawn from the pool instead; then hits depend on history
 * @property {Batches[]} [batches] sizes of requests; single texts without
 */

const HEADLINE = Object.freeze({ hitShare: 0.95, pool: 20 });

/** @type {Readonly<Record<string, Readonly<Profile>>>} */
export const PROFILES = Object.freeze({
  headline: HEADLINE,
  open: HEADLINE,
  burst: HEADLINE,
  lanes: HEADLINE,
  hot: Object.freeze({ hitShare: 1, pool: 20 }),
  cold: Object.freeze({ hitShare: 0, pool: 0 }),
  skewed: Object.freeze({
    hitShare: 0,
    pool: 100000,
    zipf: 1,
    batches: [
      { share: 0.8, least: 1, most: 1 },
      { share: 0.18, least: 2, most: 8 },
      { share: 0.02, least: 32, most: 32 },
    ],
  }),
});

/** Texts in one job. */
export const JOB_TEXTS = 1000;
