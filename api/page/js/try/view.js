/** The view in which one tries sentences. */

import { askJson, Problem } from "../api.js";
import { pointerIs, wellFormed } from "../browser.js";
import { $, announce, h, put, text } from "../dom.js";
import { plural } from "../format.js";
import { openFile } from "../jobs/view.js";
import { onKey } from "../key.js";
import { card, currentForm, onModel, polarityOf } from "../labels.js";
import { modelOf } from "../model.js";
import { Notice } from "../notice.js";
import { readOutcome } from "../outcome.js";
import { copy } from "./copy.js";
import { asCurl, asPython } from "./snippets.js";
import { showResults, summary } from "./results.js";

const EXAMPLES = {
  "A good film": "A gripping, beautifully acted film.",
  "A bad film": "Two hours that I will never get back.",
  "Hard to say": "I expected more, but the ending made up for it.",
  "A batch": "A spotless room and wonderful people.\nCold food, and nobody said sorry.\nIt does what it says.",
};
const SLOW_MS = 150;

/** Bind the view's elements. */
export function startTry() {
  const notice = new Notice($("try-notice"));
  const send = () => {
    notice.tries = 0;
    submit(notice);
  };
  $("try-form").addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  $("try-text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing && !event.shiftKey && !pointerIs("coarse")) {
      event.preventDefault();
      send();
    }
  });
  $("try-text").addEventListener("input", hint);
  put($("try-examples"), Object.entries(EXAMPLES).map(([name, value]) => example(name, value, send)));
  const introduce = introduction();
  onModel(introduce);
  introduce();
  bindCopy("copy-curl", "curl", asCurl);
  bindCopy("copy-python", "Python", asPython);
  onKey(() => !$("view-try").hidden && $("try-notice").firstChild && send());
  hint();
  return { show: () => pointerIs("fine") && $("try-text").focus({ preventScroll: true }) };
}

/** Return a function that says what the model does, if its labels are not good and bad, and names it. */
function introduction() {
  const usual = ["try-title", "try-lead"].map((id) => $(id).textContent);
  return () => {
    const { name, description, languages = [] } = card() || {};
    const { labels, multi } = currentForm();
    const judges = !card() || (labels.length === 2 && labels.every(polarityOf));
    const does = description || `Write a sentence and see which of ${plural(labels.length, "label")} ${multi ? "apply to it" : "fits it best"}.`;
    text($("try-title"), judges ? usual[0] : name);
    text($("try-lead"), judges ? usual[1] : `${does} Several lines become one batch.`);
    $("try-examples").hidden = !judges || (languages.length > 0 && !languages.includes("en"));
    $("try-model").hidden = !name;
    text($("try-model-name"), name || "");
  };
}

/** Return the lines that are not blank. */
function lines() {
  return $("try-text").value.split("\n").map((line) => line.trim()).filter(Boolean);
}

function hint() {
  const many = lines().length;
  const keys = h("span", { class: "keys" }, h("kbd", {}, "Enter"), " sends, ", h("kbd", {}, "Shift"), " ", h("kbd", {}, "Enter"), " begins another line");
  put($("try-hint"), many > 1 ? `${plural(many, "text")} in one batch` : keys);
}

function example(name, value, send) {
  const use = () => {
    $("try-text").value = value;
    hint();
    send();
  };
  return h("button", { type: "button", class: "chip", onclick: use }, name);
}

function bindCopy(id, name, write) {
  $(id).addEventListener("click", () => {
    const texts = lines().length ? lines() : [$("try-text").placeholder];
    copy($(id), $("try-code"), name, write(texts));
  });
}

let asking = null;

async function submit(notice) {
  const texts = lines().map(wellFormed);
  if (!texts.length) {
    $("try-text").focus();
    return;
  }
  asking?.abort();
  const mine = new AbortController();
  asking = mine;
  notice.remove();
  const slow = setTimeout(busy, SLOW_MS, true);
  try {
    await answer(texts, mine.signal);
    if (!mine.signal.aborted) {
      notice.clear();
    }
  } catch (error) {
    if (mine.signal.aborted) {
      return;
    }
    put($("try-result"));
    notice.show(asProblem(error), { again: () => submit(notice), job: () => sendAsJob(texts) });
  } finally {
    clearTimeout(slow);
    if (asking === mine) {
      busy(false);
    }
  }
}

async function answer(texts, signal) {
  const one = texts.length === 1;
  const { data, headers, ms } = await askJson(one ? "predict" : "bulk-predict", {
    method: "POST",
    json: { text: one ? texts[0] : texts },
    signal,
  });
  const predictions = one ? [data.prediction] : data.predictions;
  await modelOf(predictions.find(Array.isArray));
  if (!signal.aborted) {
    showResults($("try-result"), texts, predictions, readOutcome(headers, texts, ms));
    announce(summary(predictions));
  }
}

function busy(on) {
  $("try-result").classList.toggle("stale", on);
  text($("try-send"), on ? "Classifying…" : "Classify");
}

function asProblem(error) {
  if (error instanceof Problem) {
    return error;
  }
  throw error;
}

/** Hand the texts to the other view, as a file. */
function sendAsJob(texts) {
  const file = new File([texts.join("\n")], "texts.txt", { type: "text/plain" });
  location.hash = "#jobs";
  openFile(file);
}
