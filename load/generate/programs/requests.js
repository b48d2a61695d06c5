/**
 * Writes the requests of a run into files, so that a generator need only read them:
 *
 *     node requests.js --profile headline --seed 1 --salt x --clients 10 --count 1000 --base URL --output FOLDER
 *
 * For each client N, `N.requests` holds the distinct requests as they go over the wire, `N.plan` one entry for each
 * request in turn: offset and length in the former, the expected cache class and the number of texts, four
 * little-endian 32-bit integers. `warmup.json` holds what must be sent before.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { traffic, warmUp } from "../../traffic/index.js";
import { CACHE_CLASS } from "./records.js";

const ENTRY_WORDS = 4;

/**
 * @param {URL} base
 * @param {{path: string, body: string}} call
 * @returns {Buffer} the request as HTTP/1.1
 */
function wire(base, { path, body }) {
  const head = [
    `POST ${base.pathname.replace(/\/$/, "")}${path} HTTP/1.1`,
    `Host: ${base.host}`,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`);
}

/**
 * @param {{next: () => import("../../traffic/index.js").Call}} stream
 * @param {number} count
 * @param {URL} base
 * @returns {{requests: Buffer, plan: Buffer}}
 */
function write(stream, count, base) {
  const places = new Map();
  const requests = [];
  const plan = new Uint32Array(count * ENTRY_WORDS);
  let end = 0;
  for (let i = 0; i < count; i += 1) {
    const call = stream.next();
    const name = call.path + call.body;
    let place = places.get(name);
    if (!place) {
      const bytes = wire(base, call);
      place = [end, bytes.length];
      end += bytes.length;
      requests.push(bytes);
      places.set(name, place);
    }
    plan.set([...place, CACHE_CLASS[call.expect], call.texts], i * ENTRY_WORDS);
  }
  return { requests: Buffer.concat(requests), plan: Buffer.from(plan.buffer) };
}

const { values } = parseArgs({
  options: {
    profile: { type: "string" },
    seed: { type: "string" },
    salt: { type: "string" },
    clients: { type: "string" },
    count: { type: "string" },
    base: { type: "string" },
    output: { type: "string" },
  },
});
const { profile, salt, output } = values;
const [seed, clients, count] = [values.seed, values.clients, values.count].map(Number);
mkdirSync(output, { recursive: true });
for (let client = 0; client < clients; client += 1) {
  const files = write(traffic(profile, { seed, salt, client, clients }), count, new URL(values.base));
  for (const [name, bytes] of Object.entries(files)) {
    writeFileSync(join(output, `${client}.${name}`), bytes);
  }
}
writeFileSync(join(output, "warmup.json"), JSON.stringify(warmUp(profile, { seed, salt })));
