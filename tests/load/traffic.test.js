/** Run by `node --test`. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { jobs, PROFILES, traffic, warmUp } from "../../load/traffic/index.js";
import { Random } from "../../load/traffic/random.js";
import { zipf } from "../../load/traffic/zipf.js";

const PLACE = { seed: 1, salt: "k3x9" };

function take(stream, count) {
  return Array.from({ length: count }, () => stream.next());
}

function textsOf({ body }) {
  return [JSON.parse(body).text].flat();
}

for (const name of Object.keys(PROFILES)) {
  test(`${name}: the same arguments give the same sequence, others another one`, () => {
    const bodies = (changes) => take(traffic(name, { ...PLACE, client: 0, clients: 2, ...changes }), 50);
    assert.deepEqual(bodies({}), bodies({}));
    assert.deepEqual(bodies({}), take(traffic(PROFILES[name], { ...PLACE, clients: 2 }), 50));
    for (const change of [{ seed: 2 }, { salt: "other" }, { client: 1 }]) {
      assert.notDeepEqual(bodies({}), bodies(change));
    }
  });

  test(`${name}: calls hold what they say`, () => {
    for (const call of take(traffic(name, PLACE), 300)) {
      const { text } = JSON.parse(call.body);
      assert.equal(call.path, typeof text === "string" ? "/predict" : "/bulk-predict");
      assert.equal(textsOf(call).length, call.texts);
      assert.ok(textsOf(call).every((one) => one.includes(PLACE.salt)));
    }
  });
}

test("95 % of the headline's requests repeat one of the warmed bodies, all of them about equally often", () => {
  const warmed = new Map(warmUp("headline", PLACE).map(({ path, body }) => [`${path} ${body}`, 0]));
  assert.equal(warmed.size, 20);
  const calls = take(traffic("headline", PLACE), 20000);
  const hits = calls.filter(({ expect }) => expect === "hit");
  // Four standard deviations of a binomial distribution.
  assert.ok(Math.abs(hits.length - 19000) < 4 * Math.sqrt(20000 * 0.95 * 0.05));
  for (const { path, body } of hits) {
    warmed.set(`${path} ${body}`, warmed.get(`${path} ${body}`) + 1);
  }
  assert.equal(warmed.size, 20);
  for (const count of warmed.values()) {
    assert.ok(Math.abs(count - 950) < 4 * Math.sqrt(950));
  }
});

test("no text that should miss is shared by clients, repeated, or warmed", () => {
  for (const name of ["headline", "cold"]) {
    const clients = Array.from({ length: 7 }, (_, client) => traffic(name, { ...PLACE, client, clients: 7 }));
    const calls = clients.flatMap((stream) => take(stream, 1500)).filter(({ expect }) => expect === "miss");
    const seen = new Set([...calls, ...warmUp(name, PLACE)].flatMap(textsOf));
    assert.equal(seen.size, calls.length + PROFILES[name].pool);
    assert.ok(calls.length > (name === "cold" ? 10499 : 300));
  }
});

test("hot repeats only; what Zipf's law draws is not warmed, and is mixed", () => {
  assert.ok(take(traffic("hot", PLACE), 500).every(({ expect }) => expect === "hit"));
  assert.deepEqual(warmUp("cold", PLACE), []);
  assert.deepEqual(warmUp("skewed", PLACE), []);
  assert.ok(take(traffic("skewed", PLACE), 500).every(({ expect }) => expect === "mixed"));
});

test("Zipf's law: the k-th text is 1/k as frequent as the first", () => {
  const random = new Random("zipf");
  const draws = 200000;
  const counts = new Map();
  for (let i = 0; i < draws; i += 1) {
    const index = zipf(random, 100000, 1);
    assert.ok(Number.isInteger(index) && index >= 0 && index < 100000);
    counts.set(index, (counts.get(index) ?? 0) + 1);
  }
  const harmonic = Array.from({ length: 100000 }, (_, i) => 1 / (i + 1)).reduce((sum, part) => sum + part);
  for (const rank of [1, 2, 3, 10, 100]) {
    const expected = draws / rank / harmonic;
    assert.ok(Math.abs(counts.get(rank - 1) - expected) < 4 * Math.sqrt(expected), `rank ${rank}`);
  }
  assert.ok(counts.size > 30000);
});

test("skewed batches are mostly of one text, some of 2 to 8, few of 32", () => {
  const sizes = take(traffic("skewed", PLACE), 5000).map(({ texts }) => texts);
  const share = (least, most) => sizes.filter((size) => size >= least && size <= most).length / sizes.length;
  assert.ok(Math.abs(share(1, 1) - 0.8) < 0.03);
  assert.ok(Math.abs(share(2, 8) - 0.18) < 0.03);
  assert.ok(Math.abs(share(32, 32) - 0.02) < 0.01);
  assert.deepEqual(new Set(sizes), new Set([1, 2, 3, 4, 5, 6, 7, 8, 32]));
});

test("texts are as long as those of SST-2", () => {
  const texts = take(traffic("cold", PLACE), 3000).flatMap(textsOf);
  const mean = (values) => values.reduce((sum, value) => sum + value) / values.length;
  const characters = mean(texts.map(({ length }) => length));
  const words = mean(texts.map((text) => text.match(/\w+/g).length));
  assert.ok(characters > 85 && characters < 115, `${characters} characters`);
  assert.ok(words > 15 && words < 22, `${words} words`);
});

test("a job has 1,000 texts of its own", () => {
  const streams = [0, 1].map((client) => jobs({ ...PLACE, client, clients: 2 }));
  const calls = streams.flatMap((stream) => take(stream, 2));
  assert.ok(calls.every(({ path, texts }) => path === "/jobs" && texts === 1000));
  const fresh = take(traffic("cold", PLACE), 100);
  assert.equal(new Set([...calls, ...fresh].flatMap(textsOf)).size, 4100);
});

test("random numbers are spread evenly, and streams differ", () => {
  const random = new Random("even");
  const counts = new Array(16).fill(0);
  for (let i = 0; i < 64000; i += 1) {
    counts[random.below(16)] += 1;
  }
  const squares = counts.reduce((sum, count) => sum + (count - 4000) ** 2 / 4000, 0);
  assert.ok(squares < 37.7, "chi-square of 15 degrees, one in a thousand");
  assert.notEqual(new Random("one").next(), new Random("two").next());
});

test("a profile that does not exist is named beside those that do", () => {
  assert.throws(() => traffic("nope", PLACE), /no profile "nope"; there are headline/);
});
