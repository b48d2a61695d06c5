/**
 * Submit a job, wait for its end as the service says, read its results.
 */

import { check, sleep } from "k6";
import exec from "k6/execution";
import { Rate, Trend } from "k6/metrics";

import { jobs } from "../../traffic/index.js";
import { isPrediction, parsed, predictionsIn } from "./answers.js";
import { get, post } from "./client.js";
import { number } from "./environment.js";

/** Longest wait for one job. */
export const JOB_SECONDS = number("JOB_SECONDS", 600);

const jobDuration = new Trend("job_duration", true);
const jobSuccess = new Rate("job_success");

/** @type {import("../../traffic/index.js").Stream | undefined} */
let stream;

/**
 * Run one job from submission to results.
 *
 * @param {import("./requests.js").Run} run
 * @param {number} clients most virtual users of the whole test
 */
export function runJob({ seed, salt, model }, clients) {
  if (!stream) {
    stream = jobs({ seed, salt, client: exec.vu.idInTest - 1, clients });
  }
  const { path, body, texts } = stream.next();
  const began = Date.now();
  const submitted = post(path, body);
  const accepted = check(submitted, {
    "job accepted, with Location and Retry-After": (response) =>
      response.status === 202 && Boolean(response.headers.Location) && patience(response) > 0,
  });
  const ended = accepted && isDone(submitted, began + JOB_SECONDS * 1000);
  jobDuration.add(Date.now() - began);
  jobSuccess.add(ended && hasResults(submitted.headers.Location, texts, model));
}

/**
 * Poll for as long as the service says when to ask again, then see how it ended.
 *
 * @param {import("./client.js").Response} submitted
 * @param {number} deadline in milliseconds of the epoch
 * @returns {boolean}
 */
function isDone(submitted, deadline) {
  let response = submitted;
  while (patience(response) > 0 && Date.now() < deadline) {
    sleep(patience(response));
    response = get(submitted.headers.Location, "/jobs/{id}");
  }
  const job = /** @type {{status?: string}} */ (parsed(response.body) || {});
  return check(job, { "job succeeded": ({ status }) => status === "succeeded" });
}

/**
 * @param {string} location the job's
 * @param {number} texts in it, at most one page of results
 * @param {import("./answers.js").Model} model
 * @returns {boolean}
 */
function hasResults(location, texts, model) {
  const response = get(`${location}/results?offset=0&limit=${texts}`, "/jobs/{id}/results");
  const predictions = predictionsIn(parsed(response.body)) || [];
  return check(predictions, {
    "job has a prediction for each text": (all) => all.length === texts && all.every((one) => isPrediction(one, model)),
  });
}

/**
 * @param {import("./client.js").Response} response
 * @returns {number} seconds after which to ask again; 0 if the service does not say so
 */
function patience(response) {
  return response.status ? Number(response.headers["Retry-After"]) || 0 : 0;
}
