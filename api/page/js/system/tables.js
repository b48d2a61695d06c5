/** Lanes, workers and both Redis, as they are at this moment. */

import { h, put, text } from "../dom.js";
import { amount, bytes, count, duration, percent, plural } from "../format.js";

const LANES = {
  interactive: ["Requests", (items) => plural(items, "text")],
  bulk: ["Jobs", (items) => plural(items, "chunk")],
};

/** Show each lane's queue. */
export class LaneTable {
  constructor() {
    this.table = new Table("Queues", ["Lane", "In the queue", "Oldest", "Workers", "Speed"]);
    this.element = this.table.element;
  }

  update({ lanes, jobs }) {
    const rows = Object.entries(lanes || {}).map(([name, lane]) => {
      const [title, items] = LANES[name];
      const open = name === "bulk" && jobs ? ` of ${plural(jobs, "job")}` : "";
      return [name, [
        title,
        lane.items ? items(lane.items) + open : "nothing",
        lane.oldest ? duration(lane.oldest * 1000) : "–",
        count(lane.workers),
        lane.workers ? `${count(lane.tokens_per_second)} tokens/s` : "–",
      ]];
    });
    this.table.update(rows, "Unknown while the broker is away.");
  }
}

/** Show the workers and their load. */
export class WorkerTable {
  constructor() {
    this.flower = h("a", { class: "small", hidden: true }, "More in Flower");
    this.table = new Table("Workers", ["Process", "Model", "Takes", "In the last second", "Speed"], this.flower);
    this.element = this.table.element;
  }

  update({ workers, active, flower, more_workers: more }) {
    this.flower.hidden = !flower;
    this.flower.href = flower || "#system";
    const rows = (workers || []).map((worker) => [worker.id, [
      worker.id.split(":").slice(0, 2).join(":"),
      `${worker.version.slice(0, 8)}${worker.version === active ? "" : ", not active"}`,
      worker.lanes.map((lane) => LANES[lane][0].toLowerCase()).join(", "),
      doing(worker),
      `${count(worker.tokens_per_second)} tokens/s`,
    ]]);
    if (more) {
      rows.push(["more", [`and ${count(more)} more`, "", "", "", ""]]);
    }
    this.table.update(rows, workers ? "No worker is there." : "Unknown while the broker is away.");
  }
}

function doing({ busy, silent }) {
  if (silent > 2) {
    return `silent for ${duration(silent * 1000)}`;
  }
  const parts = Object.entries(busy).filter(([, share]) => share >= 0.005)
    .map(([lane, share]) => `${Math.round(share * 100)}\u202f% ${LANES[lane][0].toLowerCase()}`);
  return parts.length ? parts.join(", ") : "idle";
}

/** Show both servers. */
export class RedisTable {
  constructor() {
    this.table = new Table("Redis", ["Server", "Memory", "Keys", "Commands", "Clients"]);
    this.element = this.table.element;
  }

  update({ redis }) {
    const names = { broker: "Broker: queues and jobs", cache: "Cache: answers" };
    this.table.update(Object.entries(redis).map(([name, server]) => [name, [names[name], ...told(server)]]), "");
  }
}

function told({ up, memory, limit, keys, evicted, commands_per_second: rate, clients }) {
  if (!up || memory === undefined) {
    return [up ? "may not be asked" : "does not answer", "–", "–", "–"];
  }
  return [
    limit ? `${bytes(memory)} of ${bytes(limit)} (${percent(memory / limit)})` : bytes(memory),
    `${count(keys)}${evicted ? `, ${count(evicted)} evicted` : ""}`,
    `${amount(rate)}/s`,
    count(clients),
  ];
}

/** A table whose cells change without being replaced. */
class Table {
  constructor(title, columns, link = null) {
    this.rows = new Map();
    this.columns = columns;
    this.body = h("tbody", {});
    this.none = h("p", { class: "soft small none", hidden: true });
    const id = `table-${title.toLowerCase()}`;
    this.element = h("div", { class: "card state-table" },
      h("div", { class: "state-head" }, h("h2", { id }, title), link),
      h("div", { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": id },
        h("table", {}, h("thead", {}, h("tr", {}, columns.map((name) => h("th", { scope: "col" }, name)))), this.body)),
      this.none);
  }

  /**
   * @param {[string, string[]][]} rows name and cells of each
   * @param {string} none what to say if there are none
   */
  update(rows, none) {
    const names = rows.map(([name]) => name);
    if (names.join() !== [...this.rows.keys()].join()) {
      this.#rebuild(names);
    }
    for (const [name, cells] of rows) {
      cells.forEach((value, index) => text(this.rows.get(name)[index], value));
    }
    text(this.none, none);
    this.none.hidden = rows.length > 0;
  }

  #rebuild(names) {
    this.rows = new Map(names.map((name) => [name, this.rows.get(name) || this.columns.map((column, index) =>
      h(index ? "td" : "th", index ? { "data-column": column } : { scope: "row" }))]));
    put(this.body, [...this.rows.values()].map((cells) => h("tr", {}, cells)));
  }
}
