/** The thread behind `http.js`. */

import http from "node:http";
import { workerData } from "node:worker_threads";

const { port, answered } = workerData;
const agent = new http.Agent({ keepAlive: true });

port.on("message", ({ method, url, body, headers, milliseconds }) => {
  const began = performance.now();
  const reply = (answer) => {
    port.postMessage({ ...answer, timings: { duration: performance.now() - began } });
    Atomics.store(answered, 0, 1);
    Atomics.notify(answered, 0);
  };
  const failed = (error) => reply({ status: 0, headers: {}, body: null, error: error.message });
  const asking = http.request(url, { method, agent, timeout: milliseconds, headers }, async (response) => {
    try {
      const chunks = await response.toArray();
      const text = Buffer.concat(chunks).toString();
      reply({ status: response.statusCode, headers: canonical(response.headers), body: text, error: "" });
    } catch (error) {
      failed(error);
    }
  });
  asking.on("timeout", () => asking.destroy(new Error("request timeout")));
  asking.on("error", failed);
  asking.end(body ?? undefined);
});

/** Write names as Go does, which k6 hands to scripts. */
function canonical(headers) {
  const capital = (part) => part.charAt(0).toUpperCase() + part.slice(1);
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.split("-").map(capital).join("-"), String(value)]),
  );
}
