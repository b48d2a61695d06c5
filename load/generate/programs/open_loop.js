/**
 * Open loop: sends requests when they are due, on as many connections as that takes; a latency counts from the moment
 * at which the request was due, so a service that stalls cannot hide what came meanwhile (coordinated omission).
 *
 *     node open_loop.js --folder FOLDER --base URL --phases '[{"seconds": 30, "from": 56, "to": 56}]' [--poisson SEED]
 *
 * FOLDER holds client 0's requests as requests.js writes them; `0.records` is written there. The last line is JSON.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { Pool } from "./connection.js";
import { Records, cacheClass } from "./records.js";
import { schedule } from "./schedule.js";

const ENTRY_WORDS = 4;
/** A timer ticks in whole milliseconds; the rest of a gap that is at least so long (ms) is spent looking at the clock. */
const EXACT_FROM_MS = 5;
const TIMER_MS = 1.5;
const LONGEST_WAIT_MS = 10_000;

/** Take the CPU before what is measured does, where that is allowed: a client without CPU would measure itself. */
function goAhead() {
  try {
    setPriority(constants.priority.PRIORITY_HIGH);
  } catch (error) {
    if (error.info?.code !== "EACCES" && error.info?.code !== "EPERM") {
      throw error;
    }
  }
}

const { values } = parseArgs({
  options: {
    folder: { type: "string" },
    base: { type: "string" },
    phases: { type: "string" },
    poisson: { type: "string" },
  },
});
const requests = readFileSync(join(values.folder, "0.requests"));
const plan = new Uint32Array(new Uint8Array(readFileSync(join(values.folder, "0.plan"))).buffer);
const due = schedule(JSON.parse(values.phases), values.poisson && Number(values.poisson)).map((second) => second * 1e3);
if (due.length * ENTRY_WORDS > plan.length) {
  throw new Error(`${due.length} requests are due and only ${plan.length / ENTRY_WORDS} are there`);
}

const pool = new Pool(new URL(values.base));
const records = new Records(due.length);
const begin = performance.now() + 10;
const offset = Number(process.hrtime.bigint()) / 1e3 - performance.now() * 1e3; // to the machine's monotonic clock
let sent = 0;
const lateness = new Float64Array(due.length);
const open = new Map();

/** @param {number} index */
function send(index) {
  const [start, length, expected] = plan.subarray(index * ENTRY_WORDS);
  open.set(index, expected);
  lateness[index] = performance.now() - begin - due[index];
  pool.send(requests.subarray(start, start + length), (answer) => {
    note(index, answer.status, cacheClass(answer.header("cache-status")));
    finishIfDone();
  });
}

function note(index, status, seen) {
  if (open.has(index)) {
    const now = performance.now();
    records.add(now * 1e3 + offset, (now - begin - due[index]) * 1e3, status, seen, open.get(index));
    open.delete(index);
  }
}

function tick() {
  const now = performance.now() - begin;
  while (sent < due.length && due[sent] <= now) {
    send(sent);
    sent += 1;
  }
  if (sent === due.length) {
    setTimeout(finish, LONGEST_WAIT_MS).unref();
    finishIfDone();
    return;
  }
  const gap = due[sent] - now;
  if (gap > TIMER_MS) {
    setTimeout(tick, gap - TIMER_MS);
  } else if (sent === 0 || due[sent] - due[sent - 1] >= EXACT_FROM_MS) {
    setImmediate(tick);
  } else {
    setTimeout(tick, 1);
  }
}

function finishIfDone() {
  if (sent === due.length && open.size === 0) {
    finish();
  }
}

function finish() {
  for (const index of [...open.keys()]) {
    note(index, 0, 0);
  }
  writeFileSync(join(values.folder, "0.records"), records.bytes);
  lateness.sort();
  const late = { late_p99_ms: lateness[Math.floor(0.99 * due.length)], latest_ms: lateness[due.length - 1] };
  console.log(JSON.stringify({ requests: records.count, connections: pool.opened, ...late }));
  process.exit(0);
}

goAhead();
tick();
