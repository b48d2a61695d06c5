/** The view of the system: health, figures, curves and tables. */

import { $, announce, h, put, text } from "../dom.js";
import { plural, timeOfDaySeconds } from "../format.js";
import { learnModel } from "../labels.js";
import { Notice } from "../notice.js";
import { makeCharts } from "./charts.js";
import { Feed } from "./feed.js";
import { judge } from "./health.js";
import { ModelTable } from "./model.js";
import { LaneTable, RedisTable, WorkerTable } from "./tables.js";
import { Tiles } from "./tiles.js";

const SETTLE_MS = 1000; // as long after its end a slot is shown

/** Build the view; it asks for figures while it is shown. */
export function startSystem() {
  const view = new System();
  put($("system-body"), view.element);
  const feed = new Feed((...found) => view.update(...found), (problem) => view.fail(problem));
  return { show: () => feed.show(), hide: () => feed.hide() };
}

class System {
  constructor() {
    this.step = 5;
    this.dot = h("span", { class: "health-dot" });
    this.sentences = h("div", { class: "health-words" }, h("p", {}, "Asking…"));
    this.when = h("p", { class: "soft small num" });
    this.tiles = new Tiles();
    this.charts = makeCharts(() => this.step);
    this.model = new ModelTable();
    this.tables = [new LaneTable(), new WorkerTable(), new RedisTable()];
    const place = h("div", {});
    this.notice = new Notice(place);
    this.live = h("div", { class: "live" }, this.tiles.element,
      h("div", { class: "charts" }, this.charts.map(({ element }) => element)),
      h("div", { class: "tables" }, this.tables.map(({ element }) => element), this.model.element));
    this.element = h("div", {},
      place,
      h("div", { class: "health" }, this.dot, this.sentences, this.when),
      this.live);
  }

  /** Show new figures. */
  update(stats, points, grown) {
    this.notice.clear();
    this.live.classList.remove("stale");
    this.step = stats.step;
    learnModel(stats.model);
    this.model.update(stats);
    const newest = Math.floor((stats.time - SETTLE_MS) / 1000 / stats.step) - 1;
    if (grown || newest !== this.newest) {
      this.newest = newest;
      this.charts.forEach((chart) => chart.update(points, newest, stats.step));
    }
    this.tiles.update(stats);
    this.tables.forEach((table) => table.update(stats));
    this.#showHealth(stats);
    text(this.when, `${plural(stats.processes, "API process", "API processes")}, ${timeOfDaySeconds(stats.time)}`);
  }

  /** Show why there are no new figures; the old ones stay, dimmed. */
  fail(problem) {
    this.live.classList.add("stale");
    this.dot.className = "health-dot";
    if (problem.code !== this.failed) {
      this.notice.show(problem);
    }
    put(this.sentences, h("p", {}, "No news."));
    this.words = "";
    this.failed = problem.code;
  }

  #showHealth(stats) {
    const { level, sentences } = judge(stats);
    const words = sentences.join(" ");
    this.failed = "";
    this.dot.className = `health-dot ${level}`;
    if (words !== this.words) {
      this.words = words;
      put(this.sentences, sentences.map((sentence) => h("p", {}, sentence)));
      announce(words);
    }
  }
}
