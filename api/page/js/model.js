/** Asks the service for its model: when the page starts, and when an answer has labels of another one. */

import { askJson, Problem } from "./api.js";
import { facts } from "./facts.js";
import { currentKey, onKey } from "./key.js";
import { isKnown, learnModel } from "./labels.js";

const NO_POINTS = 999_999_999; // a slot in the year 2128: the points of the curves are left out
let asked = Promise.resolve();

/** Ask once, and again when a key is entered: without one, the service may not answer. */
export function startModel() {
  if (!facts.keys || currentKey()) {
    asked = ask();
  }
  onKey(() => {
    asked = ask();
  });
}

/** Wait until the model is known that gave an answer, if the service can be asked. */
export async function modelOf(prediction) {
  await asked;
  if (prediction && !isKnown(prediction)) {
    asked = ask();
    await asked;
  }
}

async function ask() {
  try {
    learnModel((await askJson(`stats?after=${NO_POINTS}`, { patience: 5000 })).data.model);
  } catch (error) {
    if (!(error instanceof Problem)) {
      throw error;
    }
  }
}
