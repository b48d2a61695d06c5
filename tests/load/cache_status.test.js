/** Run by `node --test`. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { cacheCounts } from "../../load/k6/lib/cache_status.js";

test("a hit is one for every text, and a miss says how many", () => {
  assert.deepEqual(cacheCounts("sentiment; hit", 3), { hits: 3, misses: 0 });
  assert.deepEqual(cacheCounts('sentiment; fwd=miss; detail="hits=1 misses=2"', 3), { hits: 1, misses: 2 });
});

test("other caches on the way do not count", () => {
  assert.deepEqual(cacheCounts("edge; fwd=miss, sentiment; hit; ttl=5", 1), { hits: 1, misses: 0 });
  assert.deepEqual(cacheCounts('sentiment; fwd=miss; detail="hits=0 misses=1", edge; hit', 1), { hits: 0, misses: 1 });
  assert.equal(cacheCounts("edge; hit", 1), null);
  assert.equal(cacheCounts("sentiment-edge; hit", 1), null);
});

test("what does not account for every text says nothing", () => {
  assert.equal(cacheCounts(undefined, 1), null);
  assert.equal(cacheCounts("sentiment", 1), null);
  assert.equal(cacheCounts("sentiment; hits", 1), null);
  assert.equal(cacheCounts("sentiment; fwd=miss", 1), null);
  assert.equal(cacheCounts('sentiment; fwd=miss; detail="hits=1 misses=1"', 3), null);
});
