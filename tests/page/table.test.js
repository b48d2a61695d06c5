/** Files as people have them: parsed, cut into jobs, and put together again. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { merged } from "../../api/page/js/jobs/merge.js";
import { countRows, planJobs, textsOf } from "../../api/page/js/jobs/plan.js";
import { CsvParser, csvLine } from "../../api/page/js/table/csv.js";
import { decoded } from "../../api/page/js/table/encoding.js";
import { strictJson } from "../../api/page/js/table/json.js";
import { inspect, nameColumns } from "../../api/page/js/table/source.js";

const LIMITS = { chars: 10_000, jobTexts: 10_000, jobBytes: 2 ** 24 };

function file(name, content) {
  return new File([content], name);
}

function parse(text, size, delimiter = ",", quoting = true) {
  const parser = new CsvParser(delimiter, quoting);
  const rows = [];
  for (let at = 0; at < text.length; at += size) {
    rows.push(...parser.push(text.slice(at, at + size)));
  }
  return [...rows, ...parser.end()];
}

async function all(generator) {
  const found = [];
  for await (const one of generator) {
    found.push(one);
  }
  return found;
}

async function roundTrip(given, results, format, limits = LIMITS) {
  const { source, column } = await inspect(given);
  const plan = await planJobs(given, source, column, limits);
  const parts = plan.parts.map((part) => ({ ...part, failed: results.filter((line) => line?.startsWith("{")).length }));
  const job = { ...plan, source, column, parts };
  async function* lines() {
    yield* results.map((line) => ({ line, form: null }));
  }
  return (await all(merged(job, given, lines(), format, limits.chars))).join("");
}

const GOOD = '[{"label":"POSITIVE","score":0.75},{"label":"NEGATIVE","score":0.25}]';
const BAD = '[{"label":"NEGATIVE","score":1.0},{"label":"POSITIVE","score":0.0}]';
const FAILED = '{"error":{"code":"inference-failed","detail":"No."}}';

test("cells, however the file is cut into chunks", () => {
  const text = 'a,"b ""x"", y",c\r\n"two\r\nlines",,"" \n\n,\r\nlast,"q"';
  const rows = [["a", 'b "x", y', "c"], ["two\r\nlines", "", " "], ["", ""], ["last", "q"]];
  for (const size of [1, 2, 3, 5, 7, 1000]) {
    assert.deepEqual(parse(text, size), rows, `chunks of ${size}`);
  }
});

test("a quotation mark inside a cell is a quotation mark", () => {
  assert.deepEqual(parse('5" disc,say "hi"\nx,y', 4), [['5" disc', 'say "hi"'], ["x", "y"]]);
  assert.deepEqual(parse('"a\tb\n"c"\td', 3, "\t", false), [['"a', "b"], ['"c"', "d"]]);
  assert.throws(() => parse('a,"b\nc', 2), { reason: "quote" });
});

test("every line end there is", () => {
  for (const end of ["\n", "\r\n", "\r"]) {
    for (const size of [1, 4]) {
      assert.deepEqual(parse(`a,b${end}c,d${end}`, size), [["a", "b"], ["c", "d"]]);
    }
  }
});

test("what is written is read again", () => {
  const cells = ['plain', 'a,b', 'say "hi"', "two\nlines", " spaced ", "", "ünï 🎬"];
  assert.deepEqual(parse(csvLine(cells), 3), [cells]);
  assert.equal(csvLine(["a;b", "c,d"], ";"), '"a;b";c,d');
});

test("delimiter, header and column are guessed", async () => {
  const semicolons = await inspect(file("a.csv", "id;Review;n\n1;Good, really good;5\n2;Bad;1\n"));
  assert.equal(semicolons.source.delimiter, ";");
  assert.deepEqual(semicolons.source.columns, ["id", "Review", "n"]);
  assert.equal(semicolons.column, 1);
  const bare = await inspect(file("a.csv", "1,It was good.\n2,It was bad and long.\n"));
  assert.equal(bare.source.header, false);
  assert.deepEqual(bare.source.columns, ["column_1", "column_2"]);
  assert.equal(bare.column, 1);
  const twice = nameColumns(bare.source, [["x", "x"], ["1", "2"]], true);
  assert.deepEqual(twice.columns, ["x", "x_2"]);
  const tabs = await inspect(file("dev.tsv", 'sentence\tlabel\nthe "old\t1\nand new"\t0\n'));
  assert.deepEqual([tabs.source.delimiter, tabs.source.quoting, tabs.column], ["\t", false, 0]);
  assert.equal(await countRows(file("dev.tsv", 'sentence\tlabel\nthe "old\t1\n"\t0\n'), tabs.source), 2);
  const one = await inspect(file("one.csv", "text\nHello, world\n"));
  assert.equal(one.source.header, true);
});

test("lines and NDJSON", async () => {
  const text = await inspect(file("a.txt", "one\r\n\r\n  two, three\n"));
  assert.deepEqual([text.source.format, text.sample.length], ["lines", 3]);
  const json = await inspect(file("a.jsonl", '{"id": 1, "body": "Good."}\n{"id": 2, "body": "Bad.", "more": [1]}\n'));
  assert.deepEqual(json.source.columns, ["id", "body", "more"]);
  assert.equal(json.source.columns[json.column], "body");
  const strings = await inspect(file("a.ndjson", '"Good."\n"Bad."\n'));
  assert.deepEqual(strings.source.columns, ["text"]);
  const broken = file("a.ndjson", '{"text": "a"}\n\n{"text": \n');
  const { source } = await inspect(broken);
  await assert.rejects(countRows(broken, source), { reason: "line", line: 3 });
});

test("what is no text is said", async () => {
  await assert.rejects(inspect(file("a.xlsx", new Uint8Array([80, 75, 3, 4, 0, 0]))), { reason: "binary" });
  await assert.rejects(inspect(file("a.csv", " \n")), { reason: "empty" });
  await assert.rejects(inspect(file("a.json", '["a", "b"]')), { reason: "json" });
});

test("encodings of spreadsheets", async () => {
  const latin = file("a.csv", new Uint8Array([...Buffer.from("text\nc"), 0xe9, ...Buffer.from("t")]));
  const { source } = await inspect(latin);
  assert.equal(source.encoding, "windows-1252");
  assert.deepEqual(await all(textsOf(latin, source, 0, 100, [{ count: 1 }])), [["cét"]]);
  const wide = file("a.csv", Buffer.from("\ufefftext\ncét\n", "utf16le"));
  const found = await inspect(wide);
  assert.deepEqual(await all(textsOf(wide, found.source, 0, 100, [{ count: 1 }])), [["cét"]]);
  const marked = file("a.csv", "\ufeffreview\nOne\n");
  assert.deepEqual((await inspect(marked)).source.columns, ["review"]);
  assert.equal(await roundTrip(marked, [GOOD], "csv"), "\ufeffreview,label,score\r\nOne,POSITIVE,0.75\r\n");
});

test("a file is cut by texts and by bytes, and always in the same way", async () => {
  const rows = Array.from({ length: 25 }, (_, index) => `row ${index}`);
  const given = file("a.txt", rows.join("\n"));
  const { source } = await inspect(given);
  const plan = await planJobs(given, source, 0, { ...LIMITS, jobTexts: 10 });
  assert.deepEqual(plan.parts, [{ first: 0, count: 10 }, { first: 10, count: 10 }, { first: 20, count: 5 }]);
  assert.deepEqual((await all(textsOf(given, source, 0, 100, plan.parts))).flat(), rows);
  const small = await planJobs(given, source, 0, { ...LIMITS, jobBytes: 1024 + 60 });
  assert.ok(small.parts.every(({ count }) => count <= 7));
  assert.equal(small.parts.reduce((sum, { count }) => sum + count, 0), 25);
});

test("long texts are cut between characters, blank ones are not sent", async () => {
  const given = file("a.csv", `text,n\n${"🎬".repeat(12)},1\n   ,2\n,3\nshort,4\n`);
  const { source } = await inspect(given);
  const plan = await planJobs(given, source, 0, { ...LIMITS, chars: 10 });
  assert.deepEqual([plan.rows, plan.texts, plan.cut], [4, 2, 1]);
  assert.deepEqual(await all(textsOf(given, source, 0, 10, plan.parts)), [["🎬".repeat(10), "short"]]);
});

test("CSV comes back with its columns, in order, blank rows and failures included", async () => {
  const given = file("a.csv", 'id,label,text\n1,x,"Good, yes"\n2,y,\n3,z,Bad\n4,w,Odd\n');
  const csv = await roundTrip(given, [GOOD, BAD, FAILED], "csv");
  assert.equal(csv, 'id,label,text,label_2,score,error\r\n1,x,"Good, yes",POSITIVE,0.75,\r\n2,y,,,,\r\n3,z,Bad,NEGATIVE,1,\r\n4,w,Odd,,,No.\r\n');
  const ndjson = await roundTrip(given, [GOOD, BAD, null], "ndjson");
  assert.deepEqual(ndjson.trim().split("\n").map((line) => JSON.parse(line))[0], {
    id: "1", label: "x", text: "Good, yes", label_2: "POSITIVE", score: 0.75,
  });
  assert.equal(JSON.parse(ndjson.split("\n")[1]).label_2, null);
});

test("without a header there is none afterwards, and a semicolon stays one", async () => {
  const given = file("a.csv", "1;It was good.\n2;It was bad.\n");
  assert.equal(await roundTrip(given, [GOOD, BAD], "csv"), "1;It was good.;POSITIVE;0.75\r\n2;It was bad.;NEGATIVE;1\r\n");
});

test("NDJSON keeps its own spelling, large numbers included", async () => {
  const given = file("a.ndjson", '{"id": 12345678901234567890, "text": "Good", "n": {"a": 1}}\n"just a string"\n{ }\n');
  const ndjson = (await roundTrip(given, [GOOD, null], "ndjson")).trim().split("\n");
  assert.equal(ndjson[0], '{"id": 12345678901234567890, "text": "Good", "n": {"a": 1},"label":"POSITIVE","score":0.75}');
  assert.deepEqual(JSON.parse(ndjson[1]), { text: "just a string", label: null, score: null });
  assert.deepEqual(JSON.parse(ndjson[2]), { label: null, score: null });
});

test("numbers are written as they stand, and NaN is no text", async () => {
  const given = file("a.ndjson", '{"id": 12345678901234567890, "n": [1.50], "text": "Good", "more": true}\n{"id": -1.50e3, "text": NaN}\n');
  assert.equal(await roundTrip(given, [GOOD], "csv"),
    'id,n,text,more,label,score\r\n12345678901234567890,[1.5],Good,true,POSITIVE,0.75\r\n-1.50e3,,,,,\r\n');
  const [, second] = (await roundTrip(given, [GOOD], "ndjson")).split("\n");
  assert.equal(second, '{"id": -1.50e3, "text": null,"label":null,"score":null}');
  assert.equal(strictJson('{"text": "NaN, \\"NaN\\"", "n": -Infinity}'), '{"text": "NaN, \\"NaN\\"", "n": null}');
  assert.equal(strictJson("{text: NaN}"), null);
});

test("a tab inside quotation marks is no end of a cell", async () => {
  const { source } = await inspect(file("a.tsv", 'id\ttext\n1\t"a\tb"\n'));
  assert.equal(source.quoting, true);
  const open = await inspect(file("a.tsv", 'text\tlabel\n"half\t1\nwhole\t0\n'));
  assert.equal(open.source.quoting, false);
});

test("a text file may hold a NUL, a file of bytes is none", async () => {
  assert.equal((await inspect(file("a.txt", "some text with a \0 in it"))).source.encoding, "utf-8");
  await assert.rejects(inspect(file("a.csv", Buffer.from("text\nno mark", "utf16le"))), { reason: "binary" });
  await assert.rejects(inspect(file("a.csv", new Uint8Array([0xff, 0x80, 0x41, 0x41, 0x41, 0x41, 0]))), { reason: "binary" });
});

test("a character that lies across two pieces of a file is read whole", async () => {
  const text = `${"x".repeat(256 * 1024 - 2)}🎬`;
  const found = await all(decoded(file("a.txt", text), "utf-8"));
  assert.ok(found.length > 2);
  assert.equal(found.join(""), text);
  await assert.rejects(all(decoded(new Blob([Buffer.from(text).subarray(0, -1)]), "utf-8")), TypeError);
});

test("lines become a table", async () => {
  assert.equal(await roundTrip(file("a.txt", 'one, "two"\n\nthree'), [GOOD, BAD], "csv"),
    'text,label,score\r\n"one, ""two""",POSITIVE,0.75\r\n,,\r\nthree,NEGATIVE,1\r\n');
});
