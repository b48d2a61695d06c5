/** The service's figures: requested every two seconds while the view is visible, else never. */

import { askJson, Problem } from "../api.js";
import { onKey } from "../key.js";

const EVERY_MS = 2000;
const SLOTS = 180;
const REVISED = 4; // the newest slots may still grow, for a process that was late

/** Requests figures again and again; holds the points of the last fifteen minutes. */
export class Feed {
  /** @param {(stats: object, points: Map<number, object>, grown: boolean) => void} onStats grown: whether points came */
  constructor(onStats, onProblem) {
    this.onStats = onStats;
    this.onProblem = onProblem;
    this.points = new Map();
    this.shown = false;
    this.timer = 0;
    this.asking = false;
    document.addEventListener("visibilitychange", () => this.#wake());
    onKey(() => this.#wake());
  }

  /** Begin, or go on. */
  show() {
    this.shown = true;
    this.#wake();
  }

  /** Pause. */
  hide() {
    this.shown = false;
    clearTimeout(this.timer);
  }

  #wake() {
    clearTimeout(this.timer);
    if (this.shown && !document.hidden && !this.asking) {
      this.#ask();
    }
  }

  async #ask() {
    this.asking = true;
    let wait = EVERY_MS;
    try {
      const newest = Math.max(0, ...this.points.keys());
      const { data } = await askJson(`stats?after=${Math.max(0, newest - REVISED)}`, { patience: 5000 });
      const grown = this.#take(data);
      this.onStats(data, this.points, grown);
    } catch (error) {
      if (!(error instanceof Problem)) {
        throw error;
      }
      wait = Math.max(wait, error.retryAfter * 1000);
      this.onProblem(error);
    } finally {
      this.asking = false;
    }
    if (this.shown && !document.hidden) {
      this.timer = setTimeout(() => this.#wake(), wait);
    }
  }

  /** Store the points, by the name of each number; return whether there are new ones. */
  #take({ columns, points, time, step }) {
    const newest = Math.floor(time / 1000 / step);
    for (const numbers of points) {
      this.points.set(numbers[0], Object.fromEntries(columns.map((name, index) => [name, numbers[index]])));
    }
    for (const slot of this.points.keys()) {
      if (slot <= newest - SLOTS) {
        this.points.delete(slot);
      }
    }
    return points.length > 0;
  }
}
