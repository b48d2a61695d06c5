/** Sends a job's parts, one after the other. Sending a part again makes no second job. */

import { ask, askJson, Problem } from "../api.js";
import { alone } from "../browser.js";
import { facts } from "../facts.js";
import { onKey } from "../key.js";
import { changed, getFile, getJob, updateJob } from "./store.js";
import { textsOf } from "./plan.js";

const BACK_OFF_S = [1, 2, 5, 10];
const SEND_PATIENCE_MS = 60_000;
const PASSING = new Set(["offline", "rate-limited", "jobs-full", "queue-unavailable", "outcome-unknown", "body-timeout", "unauthorized"]);

/** The reason why a job pauses, by its id: a `Problem`, and when (ms) the job goes on. A reload clears it. */
export const held = new Map();

/** Send what is not sent yet. Only one tab does it at a time; another takes over when that one is closed. */
export function submit(id) {
  return alone(`sentiment ${id}`, () => sendAll(id));
}

async function sendAll(id) {
  const job = await getJob(id);
  if (!job || job.problem || job.parts.every((part) => part.id)) {
    return;
  }
  let index = 0;
  for await (const texts of textsOf(await getFile(id), job.source, job.column, facts.chars, job.parts)) {
    if (!job.parts[index].id && !(await sendPart(id, index, job.parts[index], texts))) {
      return;
    }
    index += 1;
  }
}

/** Send one part, however long that takes; return whether to go on. */
async function sendPart(id, index, part, texts) {
  const body = JSON.stringify({ text: texts });
  for (let tries = 0; ; tries += 1) {
    const job = await getJob(id);
    if (!job || job.canceled) {
      return false;
    }
    try {
      const { data } = await askJson("jobs", {
        method: "POST", json: body, headers: { "Idempotency-Key": part.key }, patience: SEND_PATIENCE_MS,
      });
      held.delete(id);
      return Boolean(await sent(id, index, data.id));
    } catch (error) {
      if (!(error instanceof Problem) || !passes(error)) {
        await fail(id, error);
        return false;
      }
      await pause(id, error, tries);
    }
  }
}

/** Store the service's id of a part. If the job was canceled meanwhile, cancel this part too. */
async function sent(id, index, serviceId) {
  const job = await updateJob(id, (found) => {
    Object.assign(found.parts[index], { id: serviceId, status: "queued" });
  });
  if (!job || job.canceled) {
    await ask(`jobs/${serviceId}`, { method: "DELETE" }).catch(() => {});
  }
  return job && !job.canceled;
}

const passes = (problem) => PASSING.has(problem.code) || problem.status >= 500;

async function fail(id, error) {
  const { code = "unexpected", message, requestId = "", errors = [] } = error;
  await updateJob(id, (job) => {
    job.problem = { code, detail: message, requestId, errors };
  });
}

/** Wait as long as the service has asked for, or a little longer each time; for a key, until there is one. */
async function pause(id, problem, tries) {
  const seconds = problem.retryAfter || BACK_OFF_S[Math.min(tries, BACK_OFF_S.length - 1)];
  held.set(id, { problem, until: Date.now() + seconds * 1000 });
  changed(id);
  if (problem.code === "unauthorized") {
    await new Promise((resolve) => onKey(resolve));
  } else {
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  }
}
