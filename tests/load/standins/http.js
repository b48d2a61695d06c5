/** In place of `k6/http`: as synchronous as k6 is, by waiting for a thread that asks. */

import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";

import { record, requirePhase } from "./registry.js";

const { port1: here, port2: there } = new MessageChannel();
const answered = new Int32Array(new SharedArrayBuffer(4));
new Worker(new URL("./fetcher.js", import.meta.url), {
  workerData: { port: there, answered },
  transferList: [there],
  execArgv: [],
}).unref();
here.unref();

function request(method, url, body, { headers = {}, timeout = "60s" } = {}) {
  requirePhase("run", "a request");
  Atomics.store(answered, 0, 0);
  here.postMessage({ method, url, body, headers, milliseconds: 1000 * Number.parseFloat(timeout) });
  Atomics.wait(answered, 0, 0);
  const response = receiveMessageOnPort(here).message;
  record("http_reqs", 1);
  record("http_req_duration", response.timings.duration);
  return response;
}

export default {
  get: (url, params) => request("GET", url, null, params),
  post: (url, body, params) => request("POST", url, body, params),
};
