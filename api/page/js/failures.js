/** Faults that the page did not foresee, a browser that lacks something for instance: they are said, not swallowed. */

import { $, announce, put } from "./dom.js";
import { box } from "./notice.js";

const TITLE = "Something in this page failed";

/** Show from now on what is thrown and not caught. */
export function showFailures() {
  addEventListener("error", (event) => show(event.message));
  addEventListener("unhandledrejection", ({ reason }) => show(String(reason)));
}

function show(reason) {
  const text = "Load it again. If that does not help, the browser may lack what this page needs, or forbid it.";
  put($("page-notice"), box({ title: TITLE, text, small: reason, bad: true }));
  announce(`${TITLE}. ${reason}`);
}
