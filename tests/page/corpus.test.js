/** The cases that every reader of tables in this project must read the same, through the page's own reader. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { batches, reader } from "../../api/page/js/table/rows.js";
import { inspect, nameColumns } from "../../api/page/js/table/source.js";

const { blank, cases } = JSON.parse(readFileSync(new URL("../support/tables/cases.json", import.meta.url), "utf8"));
const SUFFIXES = { ",": "csv", ";": "csv", "|": "csv", "\t": "tsv" };

/** Return a case's text as a file of bytes. */
function fileOf({ text, format, delimiter, encoding = "utf-8", mark = false }) {
  const marked = (mark ? "\ufeff" : "") + text;
  const bytes = encoding === "utf-8" ? Buffer.from(marked) : Buffer.from(marked, "utf16le");
  return new File([encoding === "utf-16-be" ? bytes.swap16() : bytes], `table.${SUFFIXES[delimiter] || format}`);
}

/** Look at a file as the page does, then say what a person would who corrects a wrong guess. */
async function sourceOf(given, file) {
  const { source, sample } = await inspect(file);
  if (given.format !== "csv") {
    return source;
  }
  assert.equal(source.delimiter, given.delimiter);
  return nameColumns({ ...source, quoting: given.quotes }, sample, true);
}

async function rowsOf(file, source) {
  const rows = [];
  for await (const batch of batches(file, source)) {
    rows.push(...batch);
  }
  return rows;
}

for (const given of cases) {
  test(given.name, async () => {
    const file = fileOf(given);
    if (given.refused) {
      await assert.rejects(async () => rowsOf(file, await sourceOf(given, file)));
      return;
    }
    const source = await sourceOf(given, file);
    const rows = await rowsOf(file, source);
    const text = reader(source, source.columns.indexOf("text"), 10_000);
    assert.deepEqual(rows.map((row) => text(row).text || null), given.texts);
    if (given.rows) {
      assert.deepEqual(source.columns, given.columns);
      assert.deepEqual(rows.map((row) => (given.format === "txt" ? [row] : row)), given.rows);
    }
  });
}

test("what is blank is what `trim` takes away", () => {
  for (let code = 0; code <= 0xffff; code += 1) {
    const character = String.fromCharCode(code);
    assert.equal(character.trim() === "", blank.includes(character), `U+${code.toString(16)}`);
  }
});
