/** In place of `k6`. */

import { checks, record, requirePhase, state } from "./registry.js";

export function check(value, conditions) {
  requirePhase("run", "check()");
  let all = true;
  for (const [name, condition] of Object.entries(conditions)) {
    if (!checks.has(name)) {
      checks.set(name, { name, passes: 0, fails: 0 });
    }
    const passed = Boolean(typeof condition === "function" ? condition(value) : condition);
    checks.get(name)[passed ? "passes" : "fails"] += 1;
    record("checks", Number(passed));
    all = all && passed;
  }
  return all;
}

export function sleep(seconds) {
  requirePhase("run", "sleep()");
  state.slept.push(seconds);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000);
}
