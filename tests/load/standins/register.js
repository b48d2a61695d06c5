/** `node --import` this: newer Nodes resolve synchronously, older ones on a thread of their own. */

import module from "node:module";

import { finish, standin } from "./hooks.js";

if (module.registerHooks) {
  module.registerHooks({
    resolve(specifier, context, next) {
      const url = standin(specifier);
      return url ? { url, shortCircuit: true } : finish(next(specifier, context), context.parentURL);
    },
  });
} else {
  module.register("./hooks.js", import.meta.url);
}
