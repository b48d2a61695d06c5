/** In place of `k6/metrics`. */

import { declare, record } from "./registry.js";

function metric(type) {
  return class {
    constructor(name) {
      declare(name, type);
      this.name = name;
    }

    add(value) {
      record(this.name, Number(value));
    }
  };
}

export const Counter = metric("counter");
export const Rate = metric("rate");
export const Trend = metric("trend");
