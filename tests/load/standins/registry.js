/**
 * Data that the stand-ins share: samples by metric, checks by name, and where in a test's life the script is.
 */

export const state = { phase: "init", vu: 0, slept: [] };

/** @type {Map<string, {type: string, samples: number[]}>} */
export const metrics = new Map();

/** @type {Map<string, {name: string, passes: number, fails: number}>} */
export const checks = new Map();

for (const [name, type] of [
  ["checks", "rate"],
  ["dropped_iterations", "counter"],
  ["http_reqs", "counter"],
  ["http_req_duration", "trend"],
  ["iterations", "counter"],
]) {
  metrics.set(name, { type, samples: [] });
}

/** Refuse what k6 refuses in a script's outermost code, or outside of it. */
export function requirePhase(phase, what) {
  if ((state.phase === "init") !== (phase === "init")) {
    throw new Error(`${what} is not possible in the ${state.phase} phase`);
  }
}

/** Declare a metric; every virtual user declares it again. */
export function declare(name, type) {
  requirePhase("init", `declaring ${name}`);
  const known = metrics.get(name);
  if (!/^[a-zA-Z_][a-zA-Z0-9_]{0,127}$/.test(name) || (known && known.type !== type)) {
    throw new Error(`there can be no ${type} "${name}"`);
  }
  if (!known) {
    metrics.set(name, { type, samples: [] });
  }
  return metrics.get(name);
}

/** Take one sample. */
export function record(name, value) {
  if (!Number.isFinite(value)) {
    throw new Error(`${name} was given ${value}`);
  }
  metrics.get(name).samples.push(value);
}
