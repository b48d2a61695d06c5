/** The main figures of the last minute. */

import { h, text } from "../dom.js";
import { amount, count, percent } from "../format.js";
import { quantile } from "./charts.js";

/** One row of figures; `update` changes what has changed. */
export class Tiles {
  constructor() {
    this.tiles = Object.fromEntries(Object.entries({
      rate: "Requests a second",
      hits: "Hits",
      hit: "Hits, median",
      miss: "Misses, median",
      errors: "Not answered",
    }).map(([name, title]) => [name, tile(title)]));
    this.element = h("dl", { class: "tiles card" }, Object.values(this.tiles).map(({ element }) => element));
  }

  /** Show the last minute; `seconds` of it are known so far. */
  update({ minute }) {
    const { hits, misses, requests, seconds, unavailable, late, failed } = minute;
    const answered = hits + misses;
    this.#set("rate", seconds ? amount(requests / seconds) : "–", seconds ? "in the last minute" : "counting begins");
    this.#set("hits", answered ? percent(hits / answered) : "–", `${count(hits)} of ${count(answered)} answers`);
    this.#set("hit", quantile(minute.hit.p50), `p99 ${quantile(minute.hit.p99)}`);
    this.#set("miss", quantile(minute.miss.p50), `p99 ${quantile(minute.miss.p99)}`);
    this.#set("errors", count(unavailable + late + failed),
      `503: ${count(unavailable)}, 504: ${count(late)}${failed ? `, 500: ${count(failed)}` : ""}`);
  }

  #set(name, value, note) {
    text(this.tiles[name].value, value);
    text(this.tiles[name].note, note);
  }
}

function tile(title) {
  const value = h("span", { class: "tile-value num" }, "–");
  const note = h("span", { class: "tile-note num" }, "\u00a0");
  return { value, note, element: h("div", {}, h("dt", {}, title), h("dd", {}, value, note)) };
}
