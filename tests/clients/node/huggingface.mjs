// @huggingface/inference: huggingface.mjs URL TOKEN
import { createInterface } from "node:readline";
import { InferenceClient } from "@huggingface/inference";

const [url, token] = process.argv.slice(2);
const client = new InferenceClient(token).endpoint(`${url}/project/hf`);

for await (const line of createInterface({ input: process.stdin })) {
  const { texts, top_k } = JSON.parse(line);
  let said;
  try {
    const ask = (text) => client.textClassification({ inputs: text, parameters: top_k ? { top_k } : {} });
    const answers = await Promise.all(texts.map(ask));
    said = { answer: answers.map((answer) => answer.map(({ label, score }) => [label, score])) };
  } catch (error) {
    said = { raised: error.name, message: error.message, status: error.httpResponse?.status ?? 0 };
  }
  console.log(JSON.stringify(said));
}
