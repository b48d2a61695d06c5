/** Explanations of problems, and the actions that may help. */

import { facts } from "./facts.js";
import { plural, span } from "./format.js";

/**
 * @typedef {{title: string, text: string, list?: string[], again?: boolean, wait?: number, key?: boolean, job?: boolean,
 *   bad?: boolean}} Explanation
 *   again: the same may be asked again, after `wait` seconds; key: a key is what is missing; job: a job could take it
 */

const AGAIN = { again: true };

// Title, text and options.
const SENTENCES = {
  offline: () => [
    ...(navigator.onLine === false
      ? ["You are offline", "What you wrote is still here; it can be sent when you are online again."]
      : ["The service cannot be reached", "It may be stopped, or the way to it is interrupted. What you wrote is still here."]),
    { again: true, wait: 3 }],
  unauthorized: () => [
    "This service asks for a key",
    "The key is missing, or it is none of this service's. Whoever runs the service gives them out.",
    { key: true }],
  "rate-limited": (problem) => [
    "You ask more often than you may",
    `Whoever runs this service limits how often one client may ask. It goes on in ${span(problem.retryAfter || 1)}.`,
    AGAIN],
  "no-worker": () => ["No worker is there", "Only what is known already can be answered until a worker is back.", AGAIN],
  "queue-unavailable": () => [
    "The queue cannot be reached",
    "The broker, a Redis, does not answer. Only what is known already can be answered until it is back.",
    AGAIN],
  "outcome-unknown": () => [
    "It may have been accepted or not",
    "The queue's second copy did not confirm it in time. Sending it again finds it, or accepts it once.",
    AGAIN],
  overloaded: () => [
    "Too many want an answer right now",
    "The queue is so long that yours would come too late, so it was not taken at all.",
    AGAIN],
  "jobs-full": () => ["Too much is waiting already", "More is accepted when some of the waiting jobs are done.", AGAIN],
  "deadline-exceeded": () => [
    `No answer within ${facts.deadline} seconds`,
    "What had begun goes on and is remembered, so asking again is often answered at once.",
    AGAIN],
  "too-much-work": () => [
    "Too much for one answer",
    `This could not be done within ${facts.deadline} seconds, however often you try. Send less at once, or send it as a job.`,
    { job: true }],
  "body-too-large": () => [
    "Too large for one request", "Send fewer or shorter texts at once, or send them as a job.", { job: true }],
  "body-timeout": () => [
    "Sending took too long",
    "The service waits 30 seconds for what you send. Try again on a better connection, or send less.",
    AGAIN],
  "inference-failed": () => [
    "The model could not read this",
    "It failed on every text you sent. Another wording may work.",
    { again: true, bad: true }],
  "invalid-request": (problem) => [
    "The service did not accept this", "Change it and send it again:", { list: problem.errors.map(reason), job: tooMany(problem) }],
  "idempotency-conflict": () => [
    "This file has changed since it was first sent", "It was sent before with other rows. Send it as a new job."],
  storage: () => ["This browser has no room for the results: remove jobs that you have downloaded", "", AGAIN],
  "job-expired": () => [
    "The results are gone",
    `The service keeps them for ${span(facts.jobTtl)} after a job's end. Send the file again; what is still known is quick.`],
  "job-unknown": () => [
    "The service does not know this job",
    "It was sent with another key, or the service has lost its data. Send the file again.",
    { bad: true }],
};

/** Return the explanation of a problem. */
export function explain(problem) {
  const [title, text, rest = {}] = (SENTENCES[problem.code] || unexpected)(problem);
  return { title, text, ...rest, wait: problem.retryAfter || rest.wait };
}

const unexpected = (problem) => [
  "Something went wrong in the service",
  problem.requestId
    ? `Whoever runs it finds the reason in its logs under ${problem.requestId}.`
    : `It answered with status ${problem.status}.`,
  { again: true, bad: true }];

function tooMany(problem) {
  return problem.errors.some((error) => error.location === "body.text" && /at most/.test(error.message));
}

/** Turn `body.text.3` and pydantic's message into a sentence. */
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
