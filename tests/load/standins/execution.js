/** In place of `k6/execution`. */

import { state } from "./registry.js";

export default {
  vu: {
    get idInTest() {
      return state.vu;
    },
  },
};
