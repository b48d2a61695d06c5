/**
 * Warm the cache, then send a profile's requests one by one, check every answer and measure it.
 */

import { check } from "k6";
import exec from "k6/execution";
import { Counter, Rate, Trend } from "k6/metrics";

import { traffic, warmUp } from "../../traffic/index.js";
import { isPrediction, Memory, modelIn, parsed, predictionsIn } from "./answers.js";
import { cacheCounts } from "./cache_status.js";
import { get, post } from "./client.js";
import { BASE_URL, PREFIX, SEED } from "./environment.js";

const answerDuration = new Trend("answer_duration", true);
const hitDuration = new Trend("hit_duration", true);
const missDuration = new Trend("miss_duration", true);
const success = new Rate("success");
const textHits = new Counter("text_hits");
const textMisses = new Counter("text_misses");

const SHAPE = "the model's labels, scores that sum to 1 if one label applies, the highest first";

/**
 * @typedef {object} Run what `prepare` decides for all virtual users
 * @property {string} profile
 * @property {number} seed
 * @property {string} salt
 * @property {import("./answers.js").Model} model
 */

/** @type {import("../../traffic/index.js").Stream | undefined} */
let stream;
const memory = new Memory();

/**
 * For `setup()`: choose a salt that no run had before (or take `SALT`), put the repeated texts into the cache, and ask for
 * the labels.
 *
 * @param {string} profile
 * @returns {Run}
 */
export function prepare(profile) {
  const run = { profile, seed: SEED, salt: __ENV.SALT || Date.now().toString(36).slice(-6) };
  for (const { path, body } of warmUp(profile, run)) {
    const { status, error } = post(path, body);
    if (status !== 200) {
      throw new Error(`the warm-up at ${BASE_URL}${PREFIX} was answered with ${status || error}`);
    }
  }
  return { ...run, model: modelIn(get(`${PREFIX}/stats`, "/stats").body) };
}

/**
 * Send this virtual user's next request.
 *
 * @param {Run} run
 * @param {number} clients most virtual users of the whole test
 */
export function ask({ profile, seed, salt, model }, clients) {
  if (!stream) {
    stream = traffic(profile, { seed, salt, client: exec.vu.idInTest - 1, clients });
  }
  const call = stream.next();
  const response = post(call.path, call.body);
  answerDuration.add(response.timings.duration);
  success.add(isRight(call, response, model) && isMeasured(call, response));
}

/**
 * @param {import("../../traffic/index.js").Call} call
 * @param {import("./client.js").Response} response
 * @param {import("./answers.js").Model} model
 * @returns {boolean}
 */
function isRight(call, response, model) {
  if (!check(response, { "status is 200": ({ status }) => status === 200 })) {
    return false;
  }
  const given = JSON.parse(call.body).text;
  const texts = Array.isArray(given) ? given : [given];
  const predictions = predictionsIn(parsed(response.body)) || [];
  return (
    check(predictions, { "one prediction for each text": ({ length }) => length === texts.length }) &&
    check(predictions, { [SHAPE]: (all) => all.every((one) => isPrediction(one, model)) }) &&
    (call.expect === "miss" ||
      check(predictions, {
        "a text's prediction is the one it had before": (all) =>
          memory.agrees(texts, /** @type {Parameters<Memory["agrees"]>[1]} */ (all)),
      }))
  );
}

/**
 * Put a right answer where it belongs; a text that is not cached where it should be is no failure, but shows.
 *
 * @param {import("../../traffic/index.js").Call} call
 * @param {import("./client.js").Response} response
 * @returns {boolean}
 */
function isMeasured(call, response) {
  const counts = cacheCounts(response.headers["Cache-Status"], call.texts);
  if (!check(counts, { "Cache-Status counts every text": (value) => value !== null }) || !counts) {
    return false;
  }
  const hit = counts.misses === 0;
  (hit ? hitDuration : missDuration).add(response.timings.duration);
  textHits.add(counts.hits);
  textMisses.add(counts.misses);
  if (call.expect !== "mixed") {
    check(call, { "cached as expected": ({ expect }) => (expect === "hit") === hit });
  }
  return true;
}
