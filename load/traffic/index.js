/**
 * Traffic for load tests, defined once for every runner: plain ECMAScript without an import from elsewhere, so that k6,
 * Node and a browser run the same. Paths are relative to the service's prefix.
 *
 * @typedef {import("./profiles.js").Profile} Profile
 *
 * @typedef {object} Call
 * @property {string} path `/predict`, `/bulk-predict` or `/jobs`
 * @property {string} body JSON
 * @property {number} texts how many the body holds
 * @property {"hit" | "miss" | "mixed"} expect what the cache should say after `warmUp`
 *
 * @typedef {object} Stream
 * @property {() => Call} next
 *
 * @typedef {object} Place
 * @property {number} seed of all choices
 * @property {string} salt part of every text; a new one makes all texts new to the cache; keep it short
 * @property {number} [client] this client's number, from 0
 * @property {number} [clients] how many clients share the run
 */

import { JOB_TEXTS, PROFILES } from "./profiles.js";
import { Random } from "./random.js";
import { Kind, text } from "./texts.js";
import { zipf } from "./zipf.js";

export { JOB_TEXTS, PROFILES };

/**
 * Make one client's requests: the same arguments give the same sequence, and no two clients share a fresh text.
 *
 * @param {string | Readonly<Profile>} profile a name in `PROFILES`, or a profile
 * @param {Place} place
 * @returns {Stream}
 */
export function traffic(profile, { seed, salt, client = 0, clients = 1 }) {
  const { hitShare, pool, zipf: exponent, batches } = resolve(profile);
  const random = new Random(`${seed} ${client}`);
  if (exponent !== undefined) {
    const draw = () => text(seed, salt, Kind.REPEATED, zipf(random, pool, exponent));
    return { next: () => call(Array.from({ length: size(random, batches) }, draw), "mixed") };
  }
  const repeated = Array.from({ length: pool }, (_, index) => call([text(seed, salt, Kind.REPEATED, index)], "hit"));
  let index = client;
  return {
    next() {
      if (random.next() < hitShare) {
        return random.pick(repeated);
      }
      const fresh = text(seed, salt, Kind.FRESH, index);
      index += clients;
      return call([fresh], "miss");
    },
  };
}

/**
 * Make the requests that put a profile's repeated texts into the cache: each exactly as it will be repeated, since a
 * cache may go by the body. None for texts that Zipf's law draws, whose hits come with time.
 *
 * @param {string | Readonly<Profile>} profile
 * @param {Pick<Place, "seed" | "salt">} place
 * @returns {Pick<Call, "path" | "body">[]}
 */
export function warmUp(profile, { seed, salt }) {
  const { pool, zipf: exponent } = resolve(profile);
  const count = exponent === undefined ? pool : 0;
  return Array.from({ length: count }, (_, index) => call([text(seed, salt, Kind.REPEATED, index)], "hit"));
}

/**
 * Make job submissions of `JOB_TEXTS` texts each, none of them ever seen.
 *
 * @param {Place} place
 * @returns {Stream}
 */
export function jobs({ seed, salt, client = 0, clients = 1 }) {
  let job = client;
  return {
    next() {
      const first = job * JOB_TEXTS;
      job += clients;
      const texts = Array.from({ length: JOB_TEXTS }, (_, index) => text(seed, salt, Kind.JOB, first + index));
      return { path: "/jobs", body: JSON.stringify({ text: texts }), texts: JOB_TEXTS, expect: "miss" };
    },
  };
}

/**
 * @param {string | Readonly<Profile>} profile
 * @returns {Readonly<Profile>}
 */
function resolve(profile) {
  const found = typeof profile === "string" ? PROFILES[profile] : profile;
  if (!found) {
    throw new Error(`no profile "${profile}"; there are ${Object.keys(PROFILES).join(", ")}`);
  }
  return found;
}

/**
 * @param {string[]} texts
 * @param {Call["expect"]} expect
 * @returns {Call}
 */
function call(texts, expect) {
  const single = texts.length === 1;
  const body = JSON.stringify({ text: single ? texts[0] : texts });
  return { path: single ? "/predict" : "/bulk-predict", body, texts: texts.length, expect };
}

/**
 * @param {Random} random
 * @param {readonly import("./profiles.js").Batches[]} [batches]
 * @returns {number} texts of the next request
 */
function size(random, batches = []) {
  let left = random.next();
  for (const { share, least, most } of batches) {
    left -= share;
    if (left < 0) {
      return least + random.below(most - least + 1);
    }
  }
  return 1;
}
