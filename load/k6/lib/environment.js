/**
 * Variables that every script takes from the environment (`k6 run -e NAME=VALUE`, or plain variables), beside its own:
 *
 * BASE_URL=http://127.0.0.1:8000, PREFIX=/project, API_KEY for a service that asks for one, SEED=1 of all choices,
 * SALT (made up for each run, so that no text of an earlier run is cached), SUMMARY_FILE for the results as JSON,
 * HITS_P99 and MISSES_P99 in milliseconds in place of a script's own bounds.
 */

export const BASE_URL = (__ENV.BASE_URL || "http://127.0.0.1:8000").replace(/\/+$/, "");

export const PREFIX = __ENV.PREFIX === undefined ? "/project" : __ENV.PREFIX;

export const API_KEY = __ENV.API_KEY || "";

export const SEED = number("SEED", 1);

/**
 * @param {string} name
 * @param {number} fallback
 * @returns {number}
 */
export function number(name, fallback) {
  const given = __ENV[name];
  const value = given ? Number(given) : fallback;
  if (!(value >= 0)) {
    throw new Error(`${name} must be a number, not "${given}"`);
  }
  return value;
}

/**
 * @param {string} name
 * @param {string} fallback in k6's form: `90s`, `7m`
 * @returns {string}
 */
export function duration(name, fallback) {
  return __ENV[name] || fallback;
}
