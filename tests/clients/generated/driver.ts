// The types of openapi-typescript with openapi-fetch: driver.js URL TOKEN, with a list of texts as JSON on stdin
import createClient from "openapi-fetch";
import type { components, paths } from "./sentiment.js";

declare const process: { argv: string[]; stdin: AsyncIterable<Uint8Array> };

type Results = (components["schemas"]["TextResult"] | null)[];
const [url, token] = process.argv.slice(2) as [string, string];
const texts: string[] = await read();
const client = connect(token);

async function read() {
  const decoder = new TextDecoder();
  let given = "";
  for await (const bytes of process.stdin) given += decoder.decode(bytes, { stream: true });
  return JSON.parse(given);
}

function connect(key: string) {
  return createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${key}` } });
}

function pairs(labels: components["schemas"]["LabelScores"]) {
  return labels.map(({ label, score }) => [label, score]);
}

function entries(results: Results) {
  return results.map((one) => (one === null ? null : "error" in one ? one.error.code : pairs(one)));
}

async function job() {
  let { data: document } = await client.POST("/project/jobs", { body: { text: texts } });
  while (document!.status === "queued" || document!.status === "processing") {
    const params = { path: { job_id: document!.id }, query: { wait: 20 } };
    ({ data: document } = await client.GET("/project/jobs/{job_id}", { params }));
  }
  const params = { path: { job_id: document!.id } };
  const { data: results } = await client.GET("/project/jobs/{job_id}/results", { params });
  if (typeof results !== "object") throw new Error("no JSON");
  return { status: document!.status, self: document!.urls.self, predictions: entries(results.predictions) };
}

const one = await client.POST("/project/predict", { body: { text: texts[0]! } });
const many = await client.POST("/project/bulk-predict", { body: { text: texts } });
const refused = await connect("wrong").POST("/project/predict", { body: { text: texts[0]! } });
console.log(
  JSON.stringify({
    predict: pairs(one.data!.prediction),
    bulk: entries(many.data!.predictions),
    job: await job(),
    refusal: refused.error!.type,
  }),
);
