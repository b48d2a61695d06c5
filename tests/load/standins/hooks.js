/**
 * Resolves k6's modules to the stand-ins, and gives each virtual user modules of its own, as k6 does.
 */

const PROJECT = new URL("../../../load/", import.meta.url).href;

export function finish(resolved, parent) {
  const user = parent ? new URL(parent).search : "";
  const own = resolved.url.startsWith(PROJECT) && !resolved.url.includes("?");
  return own ? { ...resolved, url: resolved.url + user } : resolved;
}

/** Where a stand-in is; undefined for what is none of k6's. */
export function standin(specifier) {
  const [name, part = "index"] = specifier.split("/");
  return name === "k6" ? new URL(`./${part}.js`, import.meta.url).href : undefined;
}

/** For `module.register`, where resolving is asynchronous. */
export async function resolve(specifier, context, next) {
  const url = standin(specifier);
  return url ? { url, shortCircuit: true } : finish(await next(specifier, context), context.parentURL);
}
