/**
 * Runs a script as k6 would, one virtual user after another:
 * `node --import ./register.js drive.js SCRIPT '{"default": [VUS, ITERATIONS], …}'`, a pair for each exec function.
 * Prints one JSON with options, the data of `handleSummary`, its outputs, and the seconds of each sleep.
 */

import { pathToFileURL } from "node:url";

import { record, state } from "./registry.js";
import { summaryData } from "./results.js";

const [script, plan] = process.argv.slice(2);
const users = JSON.parse(plan);
globalThis.__ENV = Object.freeze({ ...process.env });

async function instance(vu) {
  state.phase = "init";
  state.vu = vu;
  return import(`${pathToFileURL(script).href}?vu=${vu}`);
}

async function iterate(exec, vu, iterations, data) {
  const module = await instance(vu);
  state.phase = exec;
  for (let i = 0; i < iterations; i += 1) {
    module[exec](data);
    record("iterations", 1);
  }
}

const began = performance.now();
const first = await instance(0);
state.phase = "setup";
const data = JSON.parse(JSON.stringify(first.setup()));
let vu = 0;
for (const { exec = "default" } of Object.values(first.options.scenarios)) {
  const [vus, iterations] = users[exec];
  for (let i = 0; i < vus; i += 1) {
    vu += 1;
    await iterate(exec, vu, iterations, data);
  }
}
const results = summaryData(first.options, data, performance.now() - began);
const last = await instance("summary");
state.phase = "summary";
const outputs = last.handleSummary(results);
console.log(JSON.stringify({ options: first.options, data: results, outputs, slept: state.slept }));
