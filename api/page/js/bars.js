/** Labels as bars. A long list begins with its highest, and a button shows the rest. */

import { h, put, text } from "./dom.js";
import { count } from "./format.js";

/**
 * @typedef {{title: string, tone: string, share: number, words: string, strong: boolean, mark?: boolean}} Row
 *   share: of the bar, 0 to 1; strong: whether the row stands out; mark: whether the label applies, where several may
 */

/**
 * Make the bars.
 *
 * @param {Row[]} rows the highest first
 * @param {number} most how many are shown at first
 * @param {number | null} limit a place on each bar from which labels apply, 0 to 1
 */
export function bars(rows, most, limit = null) {
  const list = h("dl", { class: rows.length > 2 ? "scores many" : "scores" });
  const show = (shown) => put(list, rows.slice(0, shown).map((row) => bar(row, limit)));
  show(most);
  if (rows.length <= most) {
    return list;
  }
  const all = `Show all ${count(rows.length)} labels`;
  const button = h("button", { type: "button", class: "quiet more", "aria-expanded": "false", onclick: () => {
    const open = button.getAttribute("aria-expanded") === "false";
    button.setAttribute("aria-expanded", open);
    text(button, open ? "Show fewer" : all);
    show(open ? rows.length : most);
  } }, all);
  return h("div", {}, list, button);
}

function bar({ title, tone, share, words, strong, mark }, limit) {
  return h("div", { class: `score ${tone}${strong ? " first" : ""}` },
    h("dt", {}, h("bdi", {}, title), mark && [h("span", { "aria-hidden": "true" }, " ✓"), h("span", { class: "visually-hidden" }, " applies")]),
    h("dd", {},
      h("span", { class: "track" },
        h("span", { class: "fill", "--share": share }),
        limit !== null && h("span", { class: "limit", "--at": limit })),
      h("b", {}, words)));
}
