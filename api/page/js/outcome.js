/** Reads an answer's origin and time, and reasons to doubt it, from its headers. */

/**
 * @typedef {{memory: number, redis: number, shared: number, worker: number, repeated: number,
 *   lookup: number, queue: number, inference: number, total: number, truncated: boolean, unknown: number}} Outcome
 *   texts by where their answers came from; times in ms, queue without the inference that ended it, total as seen here;
 *   truncated: whether the model has not read the whole of the only text; unknown: share of its tokens that the model lacks
 */

/**
 * Read an answer's headers.
 *
 * @param {string[]} texts that were asked for
 * @param {number} total ms from here and back
 */
export function readOutcome(headers, texts, total) {
  const timing = serverTiming(headers.get("server-timing") || "");
  const counts = /hits=(\d+) misses=(\d+)/.exec(headers.get("cache-status") || "");
  const misses = counts ? Number(counts[2]) : 0;
  const hits = texts.length - misses;
  const repeated = texts.length - new Set(texts).size;
  const redis = number(timing.cache?.desc, "redis");
  const shared = number(timing.queue?.desc, "shared");
  const inference = timing.inference?.dur || 0;
  return {
    memory: Math.max(0, hits - redis - repeated),
    redis,
    shared,
    worker: misses - shared,
    repeated,
    lookup: timing.cache?.dur || 0,
    queue: Math.max(0, (timing.queue?.dur || 0) - inference),
    inference,
    total,
    truncated: headers.get("text-truncated") === "true",
    unknown: Number(headers.get("text-unknown-share")) || 0,
  };
}

/** Read `cache;dur=0.6;desc="redis=3", queue;dur=12` into metrics by name. */
function serverTiming(header) {
  const metrics = {};
  for (const entry of header.split(",")) {
    const [name, ...parameters] = entry.split(";").map((part) => part.trim());
    const values = Object.fromEntries(parameters.map((parameter) => parameter.split(/=(.*)/s).slice(0, 2)));
    metrics[name] = { dur: Number(values.dur) || 0, desc: (values.desc || "").replaceAll('"', "") };
  }
  return metrics;
}

function number(description, name) {
  const found = new RegExp(`\\b${name}=(\\d+)`).exec(description || "");
  return found ? Number(found[1]) : 0;
}
