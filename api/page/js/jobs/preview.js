/** The first rows of a file as a table. */

import { h } from "../dom.js";
import { shorten } from "../format.js";
import { cellsOf } from "./merge.js";

const ROWS = 5;
const CHARS = 160;

/** Show some rows; the column that is sent is marked. */
export function cellTable(source, sample, column) {
  const rows = sample.slice(0, ROWS).map(cellsOf(source, source.columns));
  const mark = (index) => (index === column ? "chosen" : null);
  return h("div", { class: "preview", tabindex: "0", role: "region", "aria-label": "The first rows" },
    h("table", {},
      h("thead", {}, h("tr", {}, source.columns.map((name, index) => h("th", { scope: "col", class: mark(index) }, name)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, source.columns.map((_, index) =>
        h("td", { class: mark(index) }, shorten(row[index] ?? "", CHARS))))))));
}
