/** An answer's origin, read from its headers. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { readOutcome } from "../../api/page/js/outcome.js";

function outcome(cacheStatus, serverTiming, texts) {
  return readOutcome(new Headers({ "cache-status": cacheStatus, "server-timing": serverTiming }), texts, 50);
}

test("this process's memory", () => {
  const found = outcome("sentiment; hit", "cache;dur=0.04", ["a"]);
  assert.deepEqual([found.memory, found.redis, found.worker, found.lookup, found.total], [1, 0, 0, 0.04, 50]);
});

test("Redis", () => {
  const found = outcome("sentiment; hit", 'cache;dur=0.61;desc="redis=1"', ["a"]);
  assert.deepEqual([found.memory, found.redis], [0, 1]);
});

test("a worker, and another request's", () => {
  const own = outcome('sentiment; fwd=miss; detail="hits=0 misses=1"', "cache;dur=0.5, queue;dur=12.00, inference;dur=3.00", ["a"]);
  assert.deepEqual([own.worker, own.shared, own.queue, own.inference], [1, 0, 9, 3]);
  const shared = outcome('sentiment; fwd=miss; detail="hits=0 misses=1"', 'cache;dur=0.5, queue;dur=2.00;desc="shared=1", inference;dur=3.00', ["a"]);
  assert.deepEqual([shared.worker, shared.shared, shared.queue], [0, 1, 0]);
});

test("a batch of everything, a text of it twice", () => {
  const found = outcome(
    'sentiment; fwd=miss; detail="hits=4 misses=3"',
    'cache;dur=0.5;desc="redis=2", queue;dur=12.00;desc="shared=1", inference;dur=3.00',
    ["m", "r1", "r2", "w1", "w2", "s", "s"],
  );
  assert.deepEqual([found.memory, found.redis, found.worker, found.shared, found.repeated], [1, 2, 2, 1, 1]);
});

test("reasons to doubt an answer", () => {
  const headers = new Headers({ "text-truncated": "true", "text-unknown-share": "0.2500" });
  const found = readOutcome(headers, ["a"], 50);
  assert.deepEqual([found.truncated, found.unknown], [true, 0.25]);
  assert.deepEqual([outcome("", "", ["a"]).truncated, outcome("", "", ["a"]).unknown], [false, 0]);
});
