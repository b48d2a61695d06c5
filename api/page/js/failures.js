/** Shows errors that no other part of the page handles, for instance in a browser that lacks something. */

import { $, announce, put } from "./dom.js";
import { box } from "./notice.js";

const TITLE = "Something in this page failed";

/** Show every error that nothing catches. */
export function showFailures() {
  addEventListener("error", (event) => show(event.message));
  addEventListener("unhandledrejection", ({ reason }) => show(String(reason)));
}

function show(reason) {
  const text = "Load it again. If that does not help, the browser may lack what this page needs, or forbid it.";
  put($("page-notice"), box({ title: TITLE, text, small: reason, bad: true }));
  announce(`${TITLE}. ${reason}`);
}
