/** Asking the API. What goes wrong becomes a `Problem`, whatever it was. */

import { apiUrl } from "./facts.js";
import { currentKey } from "./key.js";

const PATIENCE_MS = 15_000;

/** Why there is no answer: one of the service's problem documents, or that it could not be reached (`offline`). */
export class Problem extends Error {
  /**
   * @param {string} code last part of the problem's type
   * @param {{status?: number, detail?: string, retryAfter?: number, errors?: {location: string, message: string}[],
   *   requestId?: string}} rest
   */
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
 * Ask, and return what came back.
 *
 * @param {string} path under the API's prefix
 * @param {{method?: string, json?: any, headers?: object, signal?: AbortSignal, patience?: number}} options
 *   patience: ms after which the service counts as out of reach
 * @returns {Promise<{headers: Headers, response: Response, ms: number}>} ms: until the headers were there
 * @throws {Problem}
 */
export async function ask(path, { method = "GET", json, headers = {}, signal, patience = PATIENCE_MS } = {}) {
  const key = currentKey();
  const all = { ...headers, ...(key && { Authorization: `Bearer ${key}` }) };
  if (json !== undefined) {
    all["Content-Type"] = "application/json";
  }
  const limit = AbortSignal.timeout(patience);
  const began = performance.now();
  let response;
  try {
    response = await fetch(apiUrl(path), {
      method,
      headers: all,
      body: json === undefined ? undefined : typeof json === "string" ? json : JSON.stringify(json),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      cache: "no-store",
    });
  } catch (error) {
    if (signal && signal.aborted) {
      throw error;
    }
    throw new Problem("offline");
  }
  const ms = performance.now() - began;
  if (!response.ok) {
    throw await problemOf(response);
  }
  return { headers: response.headers, response, ms };
}

/** Ask for JSON. */
export async function askJson(path, options) {
  const { headers, response, ms } = await ask(path, options);
  try {
    return { headers, ms, data: await response.json() };
  } catch {
    throw new Problem("offline");
  }
}

async function problemOf(response) {
  const retryAfter = Number(response.headers.get("retry-after")) || 0;
  const rest = { status: response.status, retryAfter, requestId: response.headers.get("x-request-id") };
  try {
    const document = await response.json();
    const code = String(document.type).split(":").pop();
    return new Problem(code, { ...rest, detail: document.detail, errors: document.errors });
  } catch {
    return new Problem("unexpected", rest); // a proxy's own page, for instance
  }
}
