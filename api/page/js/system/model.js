/** The card of the active model. */

import { h, put, text } from "../dom.js";
import { bytes, count, percent, plural } from "../format.js";
import { polarityOf, titleOf, toneOf } from "../labels.js";

const SHOWN = 20; // labels, before the rest is asked for
const WORDS = { positive: "good", negative: "bad", neutral: "neutral" };

/** Show the model's card; it is drawn again when the model or its engines change. */
export class ModelTable {
  constructor() {
    this.name = h("h2", { id: "table-model" }, "Model");
    this.body = h("div", { class: "model-card" });
    this.element = h("section", { class: "card state-table", "aria-labelledby": "table-model" },
      h("div", { class: "state-head" }, this.name), this.body);
    this.drawn = "";
  }

  update({ model, workers }) {
    const engines = enginesOf(workers || [], model?.version);
    const key = JSON.stringify([model?.version, Boolean(model?.card), engines]);
    if (key !== this.drawn) {
      this.drawn = key;
      const known = model?.labels;
      text(this.name, known && model.card?.name ? `Model: ${model.card.name}` : "Model");
      put(this.body, known ? cardOf(model, engines) : h("p", { class: "soft small" }, "No worker has announced a model yet."));
    }
  }
}

function cardOf({ version, labels, card }, engines) {
  const known = card || {};
  const rows = [
    ["Labels", labelList(labels)],
    ["Answers", card && (card.task === "multi-label"
      ? `several labels may apply, each from ${percent(card.threshold)} on`
      : "one label a text; the scores of all add up to 100\u202f%")],
    ["Languages", known.languages?.map(languageOf).join(", ")],
    ["Longest text", known.max_tokens && `${count(known.max_tokens)} tokens`],
    ["Preparation", known.preparation?.join(", ")],
    ["Accuracy", card && accuracy(card.measured)],
    ["Calibration", card && calibration(card.measured)],
    ["Engine", engines.join(", ")],
    ["Weights", known.size_bytes && `${bytes(known.size_bytes)}, ${known.architecture} ${known.precision}`],
    ["Source", known.source],
    ["Version", version],
  ];
  return [
    known.description && h("p", { class: "model-words" }, known.description),
    h("dl", { class: "model-facts" }, rows.filter(([, value]) => value).map(([name, value]) =>
      h("div", {}, h("dt", {}, name), h("dd", {}, value)))),
  ];
}

/** Return the labels as chips; of many the first, with a button for the rest. */
function labelList(labels) {
  const list = h("ul", { class: "label-list" });
  const chip = (label) => h("li", {},
    h("span", { class: `fill ${toneOf(label, labels)}`, "aria-hidden": "true" }),
    h("bdi", {}, titleOf(label)),
    polarityOf(label) && h("span", { class: "visually-hidden" }, ` (${WORDS[polarityOf(label)]})`));
  const show = (shown) => put(list, shown.map(chip));
  show(labels.slice(0, SHOWN));
  const button = labels.length > SHOWN && h("button", { type: "button", class: "quiet more", onclick: () => {
    show(labels);
    button.remove();
  } }, `Show all ${count(labels.length)}`);
  return [list, button];
}

function accuracy(measured) {
  if (!measured) {
    return "not measured";
  }
  const whole = measured.fp32 === null || measured.fp32 === undefined ? "" : `; ${percent(measured.fp32)} in fp32`;
  return `${percent(measured.accuracy)} of ${plural(measured.texts, "text")} of ${measured.data}${whole}`;
}

function calibration(measured) {
  const error = measured?.calibration_error;
  return error === null || error === undefined ? "not measured" : `${percent(error)} expected error (0 is best)`;
}

/** Count the model processes of a version by engine. */
function enginesOf(workers, version) {
  const counts = new Map();
  for (const worker of workers.filter((one) => one.version === version && one.engine)) {
    const name = [worker.engine, worker.variant].filter(Boolean).join(" ");
    counts.set(name, (counts.get(name) || 0) + 1);
  }
  return [...counts].map(([name, many]) => `${name} in ${plural(many, "process", "processes")}`);
}

function languageOf(code) {
  try {
    return new Intl.DisplayNames(["en"], { type: "language" }).of(code);
  } catch {
    return code; // no language that the browser knows
  }
}
