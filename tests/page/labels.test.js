/** Labels as the service names them, or as its answers do. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { totals } from "../../api/page/js/jobs/state.js";
import { countLabels, inOrder, learnLabels, titleOf, toneOf, wordOf } from "../../api/page/js/labels.js";

const prediction = (...labels) => labels.map((label) => ({ label, score: 0.5 }));

test("answers alone name the labels", () => {
  assert.deepEqual(inOrder(["NEGATIVE", "POSITIVE", "NEGATIVE"]), ["POSITIVE", "NEGATIVE"]);
  assert.equal(toneOf("POSITIVE", ["NEGATIVE", "POSITIVE"]), "positive");
  assert.equal(toneOf("NEGATIVE", ["NEGATIVE", "POSITIVE"]), "negative");
  assert.deepEqual(countLabels([prediction("A", "B"), prediction("A", "B")]), { A: 2, B: 0 });
});

test("the service's order counts where it names them", () => {
  learnLabels(["happy", "SO_SO", "sad"]);
  assert.deepEqual(inOrder(["happy", "sad", "SO_SO"]), ["sad", "SO_SO", "happy"]);
  assert.deepEqual(["sad", "SO_SO", "happy"].map((label) => toneOf(label, ["happy", "sad", "SO_SO"])), ["positive", "between", "negative"]);
  learnLabels(undefined); // from a service that does not name them
  assert.deepEqual(inOrder(["happy", "sad"]), ["sad", "happy"]);
});

test("labels are words", () => {
  assert.deepEqual([titleOf("POSITIVE"), wordOf("VERY_GOOD"), titleOf("1 star")], ["Positive", "very good", "1 star"]);
});

test("a job's parts are summed by label", () => {
  const part = { id: "1", count: 3, done: 3, home: true, failed: 1, status: "succeeded" };
  const found = totals({ parts: [
    { ...part, labels: { GOOD: 2, BAD: 0 } },
    { ...part, labels: { BAD: 1, GOOD: 1 } },
    { ...part, id: "", home: false, failed: 0, labels: {} },
  ] });
  assert.deepEqual([found.labels, found.failed, found.kept], [[["GOOD", 3], ["BAD", 1]], 2, 6]);
});
