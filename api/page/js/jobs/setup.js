/** Choosing a file, showing its rows, and sending it. */

import { $, announce, h, put, text } from "../dom.js";
import { facts } from "../facts.js";
import { bytes, count, plural } from "../format.js";
import { box } from "../notice.js";
import { cellTable } from "./preview.js";
import { countRows, planJobs } from "./plan.js";
import { explainFile } from "./file_problems.js";
import { inspect, nameColumns } from "../table/source.js";

const KINDS = ".csv,.tsv,.tab,.txt,.ndjson,.jsonl";

/**
 * The part of the view in which a job is made.
 *
 * @param {(file: File, made: object) => Promise<void>} send
 */
export class Setup {
  constructor(send) {
    this.send = send;
    this.place = $("jobs-setup");
    this.chosen = null;
    this.showDrop();
    addEventListener("dragover", (event) => this.#over(event));
    addEventListener("dragleave", (event) => event.relatedTarget || this.#mark(false));
    addEventListener("drop", (event) => this.#drop(event));
  }

  /** Show where a file may be dropped. */
  showDrop(problem = null) {
    this.chosen = null;
    const input = h("input", {
      type: "file", id: "job-file", accept: KINDS, class: "visually-hidden",
      onchange: () => input.files[0] && this.open(input.files[0]),
    });
    put(this.place,
      problem && h("div", { role: "alert" }, box(problem)),
      h("div", { class: "drop", id: "job-drop" },
        input,
        h("p", { class: "drop-title" }, "Drop a CSV, TSV, TXT or NDJSON file here"),
        h("label", { for: "job-file", class: "secondary" }, "Choose a file"),
        h("p", { class: "soft small" },
          `Each row is one text. ${count(facts.jobTexts)} go as one job; a larger file is cut into several and shown as one. `,
          "The file stays in this browser; only the texts are sent.")));
  }

  /** Look at a file and ask what to do with it. */
  async open(file) {
    try {
      const found = await inspect(file);
      this.chosen = { file, ...found };
      this.#showChoice();
      this.#count(this.chosen);
    } catch (error) {
      this.showDrop(explainFile(error, file));
    }
  }

  #showChoice() {
    const { file, source } = this.chosen;
    this.rows = h("span", { class: "num" }, "counting rows…");
    this.button = h("button", { type: "submit", class: "primary" }, "Classify");
    const form = h("form", { class: "card setup", onsubmit: (event) => this.#submit(event), novalidate: true },
      h("div", { class: "setup-head" },
        h("div", {}, h("h2", {}, file.name), h("p", { class: "soft small" }, `${bytes(file.size)}, `, this.rows)),
        h("button", { type: "button", class: "quiet", onclick: () => this.showDrop() }, "Another file")),
      source.format !== "lines" && this.#columnChoice(),
      this.preview = h("div", {}),
      h("label", { class: "check" }, this.all = h("input", { type: "checkbox", id: "job-all-scores" }), "A column with the score of each label"),
      h("div", { class: "setup-foot" }, this.note = h("p", { class: "soft small" }), this.button));
    put(this.place, form);
    this.#showPreview();
    announce(`${file.name} is read. Choose the column and send it.`);
    form.querySelector("select, .primary").focus({ preventScroll: true });
  }

  #columnChoice() {
    const { source } = this.chosen;
    const select = h("select", { id: "job-column", onchange: () => {
      this.chosen.column = Number(select.value);
      this.#showPreview();
    } });
    this.#fillColumns(select);
    const named = h("input", { type: "checkbox", id: "job-header", onchange: () => {
      this.chosen.source = nameColumns(this.chosen.source, this.chosen.sample, named.checked);
      this.#fillColumns(select);
      this.#showPreview();
      this.#count(this.chosen);
    } });
    named.checked = source.header;
    return h("div", { class: "setup-fields" },
      h("div", { class: "field" }, h("label", { for: "job-column" }, "Column with the texts"), select),
      source.format === "csv" && h("label", { class: "check" }, named, "The first row holds names"));
  }

  #fillColumns(select) {
    const { source, column } = this.chosen;
    put(select, source.columns.map((name, index) => h("option", { value: index, selected: index === column }, name)));
    select.value = column;
  }

  #showPreview() {
    const { source, sample, column } = this.chosen;
    put(this.preview, cellTable(source, source.header ? sample.slice(1) : sample, column));
  }

  async #count(chosen) {
    try {
      const rows = await countRows(chosen.file, chosen.source);
      if (this.chosen === chosen) {
        text(this.rows, plural(rows, "row"));
        text(this.button, `Classify ${plural(rows, "row")}`);
      }
    } catch (error) {
      this.#retry(chosen, error);
    }
  }

  /** Read a file again as Windows-1252 if it turned out not to be UTF-8; show any other error. */
  #retry(chosen, error) {
    if (this.chosen !== chosen) {
      return;
    }
    if (error instanceof TypeError && chosen.source.encoding === "utf-8") {
      chosen.source = { ...chosen.source, encoding: "windows-1252" };
      this.#count(chosen);
    } else {
      this.showDrop(explainFile(error, chosen.file));
    }
  }

  async #submit(event) {
    event.preventDefault();
    const { file, source, column } = this.chosen;
    this.button.disabled = true;
    const limits = { chars: facts.chars, jobTexts: facts.jobTexts, jobBytes: facts.jobBytes };
    try {
      const progress = (rows) => text(this.note, `Reading, ${plural(rows, "row")} so far`);
      const plan = await planJobs(file, source, column, limits, file.size > 4e6 ? progress : undefined);
      if (!plan.texts) {
        this.button.disabled = false;
        text(this.note, `There is no text in the column “${source.columns[column]}”. Choose another one.`);
        announce(this.note.textContent);
        return;
      }
      await this.send(file, { source, column, allScores: this.all.checked, ...plan });
      this.showDrop();
    } catch (error) {
      this.showDrop(explainFile(error, file));
    }
  }

  #over(event) {
    if (event.dataTransfer?.types.includes("Files") && !$("view-jobs").hidden) {
      event.preventDefault();
      this.#mark(true);
    }
  }

  #mark(on) {
    $("job-drop")?.classList.toggle("over", on);
  }

  #drop(event) {
    const file = event.dataTransfer?.files[0];
    if (file && !$("view-jobs").hidden) {
      event.preventDefault();
      this.#mark(false);
      this.open(file);
    }
  }
}
