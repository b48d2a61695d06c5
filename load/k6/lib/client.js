/**
 * HTTP as the service wants it.
 */

import http from "k6/http";

import { API_KEY, BASE_URL, PREFIX } from "./environment.js";

const TIMEOUT = "10s";

/** @type {Record<string, string>} */
const HEADERS = { "Content-Type": "application/json" };
if (API_KEY) {
  HEADERS.Authorization = `Bearer ${API_KEY}`;
}

/** @typedef {import("k6/http").RefinedResponse<"text">} Response */

/**
 * @param {string} path relative to the prefix
 * @param {string} body JSON
 * @returns {Response}
 */
export function post(path, body) {
  return http.post(`${BASE_URL}${PREFIX}${path}`, body, { headers: HEADERS, timeout: TIMEOUT, responseType: "text" });
}

/**
 * @param {string} location a path from the root, as the service gives it, or a URL
 * @param {string} name under which k6 counts it, where every location is another
 * @returns {Response}
 */
export function get(location, name) {
  const url = location.startsWith("/") ? `${BASE_URL}${location}` : location;
  return http.get(url, { headers: HEADERS, timeout: TIMEOUT, responseType: "text", tags: { name } });
}
