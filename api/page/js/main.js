/** Starts the page and shows one view at a time, chosen by the fragment of the address. */

import { $ } from "./dom.js";
import { showFailures } from "./failures.js";
import { startJobs } from "./jobs/view.js";
import { startKey } from "./key.js";
import { startModel } from "./model.js";
import { startSystem } from "./system/view.js";
import { startTry } from "./try/view.js";

const VIEWS = { try: startTry, jobs: () => ({}), system: startSystem };
const TITLES = { try: "Sentiment", jobs: "Jobs – Sentiment", system: "System – Sentiment" };
const started = {};

/** Show the view that the address names; anything else in the fragment leaves the view as it is. */
function route() {
  const name = location.hash.slice(1) || "try";
  if (!Object.keys(VIEWS).includes(name)) {
    return;
  }
  started[name] ??= VIEWS[name]() || {};
  for (const other of Object.keys(VIEWS)) {
    const shown = other === name;
    $(`view-${other}`).hidden = !shown;
    const link = document.querySelector(`[data-view="${other}"]`);
    link.toggleAttribute("aria-current", shown);
    if (shown) {
      link.setAttribute("aria-current", "page");
    }
    if (!shown) {
      started[other]?.hide?.();
    }
  }
  document.title = TITLES[name];
  started[name].show?.();
}

showFailures();
$("not-started").remove();
startKey();
startModel();
startJobs();
addEventListener("hashchange", () => {
  route();
  scrollTo(0, 0);
});
route();
if ($("view-try").hidden && $("view-jobs").hidden && $("view-system").hidden) {
  location.replace("#try");
}
