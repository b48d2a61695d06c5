/** What went wrong, as a person would say it, and what to do about it. */

import { facts } from "./facts.js";
import { plural, span } from "./format.js";

/**
 * @typedef {{title: string, text: string, list?: string[], again?: boolean, wait?: number, key?: boolean, job?: boolean,
 *   bad?: boolean}} Explanation
 *   again: the same may be asked again, after `wait` seconds; key: a key is what is missing; job: a job could take it
 */

const SENTENCES = {
  offline: () => ({
    title: navigator.onLine ? "The service cannot be reached" : "You are offline",
    text: navigator.onLine
      ? "It may be stopped, or the way to it is interrupted. What you wrote is still here."
      : "What you wrote is still here; it can be sent when you are online again.",
    again: true,
    wait: 3,
  }),
  unauthorized: () => ({
    title: "This service asks for a key",
    text: "The key is missing, or it is none of this service's. Whoever runs the service gives them out.",
    key: true,
  }),
  "rate-limited": (problem) => ({
    title: "You ask more often than you may",
    text: `Whoever runs this service limits how often one client may ask. It goes on in ${span(problem.retryAfter || 1)}.`,
    again: true,
  }),
  "no-worker": () => ({
    title: "No worker is there",
    text: "Only what is known already can be answered until a worker is back.",
    again: true,
  }),
  "queue-unavailable": () => ({
    title: "The queue cannot be reached",
    text: "The broker, a Redis, does not answer. Only what is known already can be answered until it is back.",
    again: true,
  }),
  overloaded: () => ({
    title: "Too many want an answer right now",
    text: "The queue is so long that yours would come too late, so it was not taken at all.",
    again: true,
  }),
  "jobs-full": () => ({
    title: "Too much is waiting already",
    text: "More is accepted when some of the waiting jobs are done.",
    again: true,
  }),
  "deadline-exceeded": () => ({
    title: `No answer within ${facts.deadline} seconds`,
    text: "What had begun goes on and is remembered, so asking again is often answered at once.",
    again: true,
  }),
  "too-much-work": () => ({
    title: "Too much for one answer",
    text: `This could not be done within ${facts.deadline} seconds, however often you try. Send less at once, or send it as a job.`,
    job: true,
  }),
  "body-too-large": () => ({
    title: "Too large for one request",
    text: "Send fewer or shorter texts at once, or send them as a job.",
    job: true,
  }),
  "body-timeout": () => ({
    title: "Sending took too long",
    text: "The service waits 30 seconds for what you send. Try again on a better connection, or send less.",
    again: true,
  }),
  "inference-failed": () => ({
    title: "The model could not read this",
    text: "It failed on every text you sent. Another wording may work.",
    again: true,
    bad: true,
  }),
  "invalid-request": (problem) => ({
    title: "The service did not accept this",
    text: "Change it and send it again:",
    list: problem.errors.map(reason),
    job: tooMany(problem),
  }),
  "idempotency-conflict": () => ({
    title: "This file has changed since it was first sent",
    text: "It was sent before with other rows. Send it as a new job.",
  }),
  "job-expired": () => ({
    title: "The results are gone",
    text: `The service keeps them for ${span(facts.jobTtl)} after a job's end. Send the file again; what is still known is quick.`,
  }),
  "job-unknown": () => ({
    title: "The service does not know this job",
    text: "It was sent with another key, or the service has lost its data. Send the file again.",
    bad: true,
  }),
};

/**
 * Say what a problem means.
 *
 * @param {import("./api.js").Problem} problem
 * @returns {Explanation}
 */
export function explain(problem) {
  const make = SENTENCES[problem.code] || unexpected;
  const explanation = make(problem);
  return explanation.again ? { wait: problem.retryAfter, ...explanation, ...(problem.retryAfter && { wait: problem.retryAfter }) } : explanation;
}

function unexpected(problem) {
  return {
    title: "Something went wrong in the service",
    text: problem.requestId
      ? `Whoever runs it finds the reason in its logs under ${problem.requestId}.`
      : `It answered with status ${problem.status}.`,
    again: true,
    bad: true,
  };
}

function tooMany(problem) {
  return problem.errors.some((error) => error.location === "body.text" && /at most/.test(error.message));
}

/** From `body.text.3` and pydantic's words to a sentence. */
function reason({ location, message }) {
  const [, field, index] = location.split(".");
  const where = index === undefined ? (field === "text" ? "The text" : "The request") : `Text ${Number(index) + 1}`;
  const most = /at most (\d+) (characters?|items?)/.exec(message);
  if (most && most[2].startsWith("item")) {
    return `There may be ${plural(Number(most[1]), "text")} at once.`;
  }
  if (most) {
    return `${where} is longer than ${plural(Number(most[1]), "character")}.`;
  }
  return `${where}: ${message}`;
}
