/** Sends requests to the API; every failure becomes a `Problem`. */

import { apiUrl } from "./facts.js";
import { currentKey } from "./key.js";

const PATIENCE_MS = 15_000;

/** A failed request: a problem document of the service, or `offline` if the service could not be reached. */
export class Problem extends Error {
  /** @param {string} code last part of the problem's type */
  constructor(code, rest = {}) {
    super(rest.detail || code);
    this.code = code;
    this.status = rest.status || 0;
    this.retryAfter = rest.retryAfter || 0;
    this.errors = rest.errors || [];
    this.requestId = rest.requestId || "";
  }
}

/**
 * Send a request and return the answer with its whole body.
 *
 * @param {string} path under the API's prefix
 * @param {{method?: string, json?: any, headers?: object, signal?: AbortSignal, patience?: number}} options
 *   patience: ms after which the service counts as out of reach
 * @returns {Promise<{headers: Headers, body: string, ms: number}>} ms: until the headers were there
 */
export async function ask(path, { method = "GET", json, headers = {}, signal, patience = PATIENCE_MS } = {}) {
  const key = currentKey();
  const all = { ...headers, ...(key && { Authorization: `Bearer ${key}` }) };
  if (json !== undefined) {
    all["Content-Type"] = "application/json";
  }
  const sent = json === undefined || typeof json === "string" ? json : JSON.stringify(json);
  const options = { method, headers: new Headers(all), body: sent, cache: "no-store" };
  const { response, body, ms } = await receive(apiUrl(path), options, patience, signal);
  if (!response.ok) {
    throw problemOf(response, body);
  }
  return { headers: response.headers, body, ms };
}

/** Send a request and return the answer as JSON. */
export async function askJson(path, options) {
  const { headers, body, ms } = await ask(path, options);
  try {
    return { headers, ms, data: JSON.parse(body) };
  } catch {
    throw new Problem("offline"); // the page of a network that asks for a login, for instance
  }
}

/** Fetch a URL. Only failures of the network become `offline`; anything else that is thrown is a fault of this page. */
async function receive(url, options, patience, signal) {
  const limit = new AbortController(); // `AbortSignal.timeout` and `any` are newer than the oldest browsers
  const stop = () => limit.abort();
  const timer = setTimeout(stop, patience);
  signal?.addEventListener("abort", stop);
  const began = performance.now();
  try {
    const response = await fetch(url, { ...options, signal: limit.signal });
    const ms = performance.now() - began;
    return { response, ms, body: await response.text() };
  } catch (error) {
    throw signal?.aborted ? error : new Problem("offline");
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

function problemOf(response, body) {
  const retryAfter = Number(response.headers.get("retry-after")) || 0;
  const rest = { status: response.status, retryAfter, requestId: response.headers.get("x-request-id") };
  try {
    const document = JSON.parse(body);
    const code = String(document.type).split(":").pop();
    return new Problem(code, { ...rest, detail: document.detail, errors: document.errors });
  } catch {
    return new Problem("unexpected", rest); // a proxy's own page, for instance
  }
}
