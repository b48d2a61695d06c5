/** Facts about the service that its page carries, and the URL of its API. */

/**
 * prefix (of the API's paths), keys (whether one is asked for), deadline (s), texts and chars (limits of one request), bytes
 * (of its body), jobTexts and jobBytes (the same of a job), jobTtl (s).
 */
export const facts = Object.freeze(JSON.parse(document.querySelector('meta[name="sentiment"]').content));

/** Return the URL of a path of the API, `predict` for instance. */
export function apiUrl(path) {
  const prefix = facts.prefix ? `${facts.prefix}/` : "";
  return new URL(`${prefix}${path}`, document.baseURI.split("#")[0]).href;
}
