/**
 * Keeps a number of jobs unfinished until it is told to stop: submits one, waits for its end, submits the next.
 *
 *     node job_flood.js --base URL --seed 1 --salt x --open 10
 *
 * On SIGTERM it submits no more, cancels what is unfinished and prints, as JSON, what became of the jobs and how many
 * texts were done.
 */

import { parseArgs } from "node:util";

import { jobs } from "../../traffic/index.js";
import { Pool } from "./connection.js";

const ENDED = new Set(["succeeded", "failed", "canceled"]);
const { values } = parseArgs({
  options: {
    base: { type: "string" },
    seed: { type: "string" },
    salt: { type: "string" },
    open: { type: "string" },
  },
});
const base = new URL(values.base);
const stream = jobs({ seed: Number(values.seed), salt: values.salt });
const pool = new Pool(base);
const tally = { submitted: 0, refused: 0, succeeded: 0, failed: 0, canceled: 0, lost: 0, texts: 0, seconds: [] };
const unfinished = new Set();
let stopping = false;

/**
 * @param {string} method
 * @param {string} path
 * @param {string} [body]
 * @returns {Promise<import("./connection.js").Answer>}
 */
function ask(method, path, body = "") {
  const head = `${method} ${path} HTTP/1.1\r\nHost: ${base.host}\r\nContent-Type: application/json\r\n`;
  return new Promise((resolve) => {
    pool.send(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, resolve);
  });
}

/** @param {number} seconds */
function pause(seconds) {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1e3));
}

async function oneJob() {
  const { path, body } = stream.next();
  const began = performance.now();
  const answer = await ask("POST", `${base.pathname}${path}`, body);
  if (answer.status !== 202) {
    tally.refused += 1;
    await pause(Number(answer.header("retry-after") ?? 1));
    return;
  }
  tally.submitted += 1;
  const { self } = JSON.parse(answer.body).urls;
  unfinished.add(self);
  await follow(self, began);
  unfinished.delete(self);
}

/**
 * @param {string} url of the job
 * @param {number} began
 */
async function follow(url, began) {
  let done = 0;
  for (;;) {
    const { status, body } = await ask("GET", `${url}?wait=20`);
    if (status !== 200) {
      tally.lost += 1;
      return;
    }
    const job = JSON.parse(body);
    tally.texts += job.progress.done - done;
    done = job.progress.done;
    if (ENDED.has(job.status)) {
      tally[job.status] += 1;
      tally.seconds.push((performance.now() - began) / 1e3);
      return;
    }
  }
}

async function keepOneOpen() {
  while (!stopping) {
    await oneJob();
  }
}

process.on("SIGTERM", async () => {
  stopping = true;
  const report = JSON.stringify(tally);
  await Promise.all([...unfinished].map((url) => ask("DELETE", url)));
  console.log(report);
  process.exit(0);
});
for (let i = 0; i < Number(values.open); i += 1) {
  keepOneOpen();
}
