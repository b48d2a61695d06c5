/** A small chart of the last fifteen minutes, with the values at one moment in its legend. */

import { h, s, text } from "../dom.js";
import { timeOfDaySeconds } from "../format.js";
import { areaPath, linear, linePath, logarithmic } from "./scale.js";

const SIZE = { width: 600, height: 150 };
const SLOTS = 180;

/**
 * @typedef {{name: string, label: string, value: (point: object) => number | null}} Series
 *   name: its colour in the style sheet; value: of a point, null where there is nothing
 */

/** One chart; `update` draws it again, `mark` shows a moment. */
export class Chart {
  /**
   * @param {{title: string, series: Series[], stacked?: boolean, log?: boolean, least?: number,
   *   format: (value: number) => string, tick?: (value: number) => string}} options
   * @param {(slot: number | null) => void} onMark called when a person points at a moment; null: the newest again
   */
  constructor(options, onMark) {
    this.options = options;
    this.onMark = onMark;
    this.paths = options.series.map(({ name }) => s("path", { class: `${options.stacked ? "area" : "line"} ${name}` }));
    this.grid = s("path", { class: "grid" });
    this.cursor = s("path", { class: "cursor" });
    this.ticks = h("div", { class: "ticks", "aria-hidden": "true" });
    this.values = options.series.map(({ name, label }) => {
      const value = h("b", {}, "–");
      return { value, element: h("li", {}, h("span", { class: `key ${name}` }), `${label} `, value) };
    });
    this.element = this.#build();
  }

  /**
   * Draw the points.
   *
   * @param {Map<number, object>} points by slot
   */
  update(points, newest, step) {
    Object.assign(this, { points, newest, step });
    this.slots = Array.from({ length: SLOTS }, (_, index) => newest - SLOTS + 1 + index);
    const rows = this.options.series.map(({ value }) => this.slots.map((slot) => this.#value(slot, value)));
    if (this.options.stacked) {
      this.#drawAreas(rows);
    } else {
      this.#drawLines(rows);
    }
    this.mark(this.marked ?? null);
  }

  /** Show the values of a slot; of the newest if it is null. */
  mark(slot) {
    this.marked = slot;
    if (!this.slots) {
      return;
    }
    const shown = slot ?? this.#newestKnown();
    this.options.series.forEach(({ value }, index) => {
      const found = this.#value(shown, value);
      text(this.values[index].value, found === null ? "–" : this.options.format(found));
    });
    const x = ((shown - this.slots[0]) / (SLOTS - 1)) * SIZE.width;
    this.cursor.setAttribute("d", slot === null ? "" : `M${x.toFixed(1)} 0V${SIZE.height}`);
    this.#describe(shown);
  }

  #newestKnown() {
    return this.points.has(this.newest) ? this.newest : Math.max(this.slots[0], ...this.points.keys());
  }

  #value(slot, value) {
    const point = this.points.get(slot);
    return point ? value(point) : null;
  }

  #drawLines(rows) {
    const scale = (this.options.log ? logarithmic : linear)(rows.flat().filter((value) => value !== null), this.options.least);
    this.paths.forEach((path, index) => path.setAttribute("d", linePath(rows[index], scale.at, SIZE)));
    this.#drawScale(scale);
  }

  #drawAreas(rows) {
    const sums = [this.slots.map(() => 0)];
    let top = sums[0];
    for (const row of rows) {
      top = row.map((value, index) => (value ?? 0) + top[index]);
      sums.push(top);
    }
    const scale = linear(top, this.options.least);
    this.paths.forEach((path, index) => path.setAttribute("d", areaPath(sums[index], sums[index + 1], scale.at, SIZE)));
    this.#drawScale(scale);
  }

  #drawScale({ ticks, at }) {
    this.grid.setAttribute("d", ticks.map((tick) => `M0 ${(SIZE.height * (1 - at(tick))).toFixed(1)}H${SIZE.width}`).join(""));
    const shown = ticks.length > 4 ? ticks.filter((_, index) => (ticks.length - 1 - index) % 2 === 0) : ticks;
    const key = shown.join();
    if (this.drawn !== key) {
      this.drawn = key;
      this.ticks.replaceChildren(...shown.map((tick) => h("span", { "--at": at(tick) }, (this.options.tick || this.options.format)(tick))));
    }
  }

  #build() {
    const { title } = this.options;
    this.plot = h("div", {
      class: "plot", tabindex: "0", role: "slider", "aria-label": `${title}, moment shown`,
      "aria-valuemin": "0", "aria-valuemax": SLOTS - 1, "aria-valuenow": SLOTS - 1,
      onpointermove: (event) => this.onMark(this.#slotAt(event)),
      onpointerleave: () => this.onMark(null),
      onblur: () => this.onMark(null),
      onkeydown: (event) => this.#key(event),
    }, s("svg", { viewBox: `0 0 ${SIZE.width} ${SIZE.height}`, preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" },
      this.grid, this.paths, this.cursor), this.ticks);
    return h("figure", { class: "card chart" },
      h("figcaption", {}, h("h2", {}, title), h("ul", { class: "values num" }, this.values.map(({ element }) => element))),
      this.plot,
      h("div", { class: "span-labels", "aria-hidden": "true" }, h("span", {}, "15 min ago"), h("span", {}, "now")));
  }

  #slotAt(event) {
    const { left, width } = this.plot.querySelector("svg").getBoundingClientRect();
    const index = Math.round(((event.clientX - left) / width) * (SLOTS - 1));
    return this.slots ? this.slots[Math.min(SLOTS - 1, Math.max(0, index))] : null;
  }

  #key(event) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -12, PageDown: 12, Home: -SLOTS, End: SLOTS }[event.key];
    if (steps && this.slots) {
      event.preventDefault();
      const next = (this.marked ?? this.newest) + steps;
      this.onMark(Math.min(this.newest, Math.max(this.slots[0], next)));
    }
  }

  /** Say in words what the legend shows. */
  #describe(slot) {
    const words = this.options.series.map(({ label }, index) => `${label} ${this.values[index].value.textContent}`);
    this.plot.setAttribute("aria-valuenow", slot - this.slots[0]);
    this.plot.setAttribute("aria-valuetext", `${timeOfDaySeconds(slot * this.step * 1000)}: ${words.join(", ")}`);
  }
}
