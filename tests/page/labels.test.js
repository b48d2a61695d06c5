/** Labels as the model's card describes them, or as its answers name them. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { merged, separatorOf } from "../../api/page/js/jobs/merge.js";
import { totals } from "../../api/page/js/jobs/state.js";
import {
  applied, countLabels, countWords, currentForm, formOf, inOrder, learnModel, noCounts, onModel, sortCounts, titleOf, toneOf, wordOf,
} from "../../api/page/js/labels.js";

const ODD = ['so "so"', "a,b", "a|b", "constructor", "__proto__", "👍🏽", "سعيد", "1", "LGBTQ"];
const prediction = (...labels) => labels.map((label, index) => ({ label, score: 0.9 - index / 10 }));
let version = 0;

function learn(labels, card) {
  version += 1;
  learnModel({ version: String(version), labels, card: card && { task: "single-label", threshold: 0.5, polarity: {}, ...card } });
}

function count(predictions) {
  const counts = noCounts();
  predictions.forEach((one) => countLabels(one, counts, formOf(one)));
  return counts;
}

async function fileOf(job, lines, format) {
  async function* results() {
    yield* lines.map((line) => ({ line, form: job.parts[0].form }));
  }
  const whole = { source: { format: "lines", columns: ["text"] }, columns: ["text"], column: 0, ...job };
  const pieces = [];
  for await (const piece of merged(whole, new File(["a\nb\n"], "a.txt"), results(), format, 100)) {
    pieces.push(piece);
  }
  return pieces.join("");
}

test("answers alone name the labels", () => {
  assert.deepEqual(inOrder(["NEGATIVE", "POSITIVE", "NEGATIVE"]), ["POSITIVE", "NEGATIVE"]);
  assert.equal(toneOf("POSITIVE", ["NEGATIVE", "POSITIVE"]), "positive");
  assert.equal(toneOf("NEGATIVE", ["NEGATIVE", "POSITIVE"]), "negative");
  assert.equal(toneOf("a", ["a", "b", "c"]), "plain");
  assert.deepEqual({ ...count([prediction("A", "B"), prediction("A", "B")]) }, { A: 2, B: 0 });
});

test("the service's order counts where it names two labels", () => {
  learn(["happy", "sad"]);
  assert.deepEqual(inOrder(["happy", "sad"]), ["sad", "happy"]);
  assert.deepEqual(["sad", "happy"].map((label) => toneOf(label, ["happy", "sad"])), ["positive", "negative"]);
  let told = 0;
  onModel(() => {
    told += 1;
  });
  learnModel({ version: String(version), labels: ["happy", "sad"], card: null });
  learnModel(undefined); // from a service that does not name them
  learnModel({ version: "", labels: null });
  assert.equal(told, 0);
  learn(["happy", "sad"], {});
  assert.equal(told, 1);
});

test("colours are those that the card names", () => {
  learn(["one", "two", "three"], { polarity: { one: "negative", three: "positive", two: "neutral" } });
  assert.deepEqual(["three", "two", "one"].map((label) => toneOf(label, [])), ["positive", "between", "negative"]);
  learn(ODD, {});
  assert.deepEqual(new Set(ODD.map((label) => toneOf(label, ODD))), new Set(["plain"]));
  learn(["HAM", "SPAM"], {});
  assert.equal(toneOf("SPAM", ["HAM", "SPAM"]), "plain");
});

test("a shouted word is a word, where it is one of two or good or bad", () => {
  learn(["NEGATIVE", "POSITIVE"]);
  assert.deepEqual([titleOf("POSITIVE"), wordOf("VERY_GOOD"), titleOf("1 star")], ["Positive", "very good", "1 star"]);
  learn([...ODD, "VERY_GOOD"], { polarity: { VERY_GOOD: "positive" } });
  assert.deepEqual(ODD.map(titleOf), ODD);
  assert.deepEqual(ODD.map(wordOf), ODD);
  assert.equal(titleOf("VERY_GOOD"), "Very good");
});

test("of several labels those apply that reach the threshold", () => {
  learn(["a", "b", "c"], { task: "multi-label", threshold: 0.7 });
  const names = (one) => applied(one, formOf(one)).map(({ label }) => label);
  assert.deepEqual(names(prediction("c", "a", "b")), ["c", "a", "b"]);
  assert.deepEqual(names([{ label: "a", score: 0.7 }, { label: "b", score: 0.69 }]), ["a"]);
  assert.deepEqual(names([{ label: "a", score: 0.1 }]), []);
  assert.deepEqual(names(prediction("of", "another", "model")), ["of"]);
  assert.equal(currentForm().multi, true);
});

test("counts of many labels begin with the largest", () => {
  learn(ODD, {});
  const counts = count([...ODD.map((label) => prediction(label)), prediction("constructor"), prediction("__proto__"), prediction("__proto__")]);
  const pairs = sortCounts(counts);
  assert.equal(pairs.length, ODD.length);
  assert.deepEqual(pairs.slice(0, 2), [["__proto__", 3], ["constructor", 2]]);
  assert.deepEqual(pairs.slice(2).map(([label]) => label), ODD.filter((label) => !["constructor", "__proto__"].includes(label)));
  assert.deepEqual(countWords(sortCounts({ "a,b": 1, "1": 2 }), String), ["2 × 1", "1 × a,b"]);
  const words = countWords(pairs, String);
  assert.deepEqual([words.length, words[0], words[5]], [6, "3 × __proto__", "4 more labels"]);
});

test("a job's parts are summed by label", () => {
  const form = { labels: ["BAD", "GOOD"], multi: false, threshold: 0.5 };
  const part = { id: "1", count: 3, done: 3, home: true, failed: 1, status: "succeeded", form };
  const found = totals({ parts: [
    { ...part, labels: { GOOD: 2, BAD: 0 } },
    { ...part, labels: { BAD: 1, GOOD: 1 } },
    { ...part, id: "", home: false, failed: 0, labels: {}, form: null },
  ] });
  assert.deepEqual([found.labels, found.failed, found.kept, found.two], [[["GOOD", 3], ["BAD", 1]], 2, 6, true]);
});

test("a file has the labels that apply, joined by what none of them contains", async () => {
  const form = (labels) => ({ labels, multi: true, threshold: 0.5 });
  assert.equal(separatorOf({ parts: [{ form: form(["a", "b"]) }, { form: null }] }), "|");
  assert.equal(separatorOf({ parts: [{ form: form(["a"]) }, { form: form(["b|c"]) }] }), ";");
  assert.equal(separatorOf({ parts: [{ form: form(["a;b", "b|c"]) }] }), "\n");
  const lines = [
    JSON.stringify([{ label: "a,b", score: 0.75 }, { label: "c", score: 0.5 }, { label: "d", score: 0.25 }]),
    JSON.stringify([{ label: "d", score: 0.25 }, { label: "c", score: 0.125 }, { label: "a,b", score: 0.1 }]),
  ];
  const job = { parts: [{ form: form(["a,b", "c", "d"]) }] };
  assert.equal(await fileOf(job, lines, "csv"), 'text,label,score\r\na,"a,b|c",0.75\r\nb,,0.25\r\n');
  const rows = (await fileOf({ ...job, allScores: true }, lines, "csv")).split("\r\n");
  assert.deepEqual(rows.slice(0, 2), ['text,label,score,"score_a,b",score_c,score_d', 'a,"a,b|c",0.75,0.75,0.5,0.25']);
});

test("odd labels come back from a file", async () => {
  const answer = ODD.map((label, index) => ({ label, score: 1 - index / 10 }));
  const job = { allScores: true, parts: [{ form: { labels: ODD, multi: false, threshold: 0.5 } }] };
  const csv = await fileOf(job, [JSON.stringify(answer), null], "csv");
  const quoted = (label) => (/[",]/.test(label) ? `"score_${label.replaceAll('"', '""')}"` : `score_${label}`);
  const scores = answer.map(({ score }) => score);
  assert.equal(csv, `text,label,score,${ODD.map(quoted).join(",")}\r\na,"so ""so""",1,${scores.join(",")}\r\nb,,${",".repeat(ODD.length)}\r\n`);
  const [first, second] = (await fileOf(job, [JSON.stringify(answer), null], "ndjson")).split("\n");
  const members = answer.map(({ label, score }) => `${JSON.stringify(label)}:${score}`).join(",");
  assert.equal(first, `{"text":"a","label":"so \\"so\\"","score":1,"scores":{${members}}}`);
  assert.equal(second, '{"text":"b","label":null,"score":null,"scores":null}');
});
