/** Numbers and times as people read them. */

const NARROW = "\u202f";
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const short = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const clockSeconds = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** 12,345 */
export const count = (value) => whole.format(value);

/** "1 row", "12,345 rows" */
export const plural = (value, one, many = `${one}s`) => `${count(value)} ${value === 1 ? one : many}`;

/** A share of 1 as percent; a share that is nearly all or nearly nothing is never called all or nothing. */
export function percent(share) {
  if (share > 0 && share < 0.001) {
    return `<${NARROW}0.1${NARROW}%`;
  }
  if (share < 1 && share > 0.999) {
    return `>${NARROW}99.9${NARROW}%`;
  }
  return `${(share === 0 || share === 1 ? whole : tenths).format(share * 100)}${NARROW}%`;
}

/** Milliseconds: 0.04 ms, 3.2 ms, 48 ms, 1.8 s */
export function duration(ms) {
  if (ms >= 1000) {
    return `${short.format(ms / 1000)} s`;
  }
  if (ms >= 10) {
    return `${whole.format(ms)} ms`;
  }
  return ms >= 1 ? `${short.format(ms)} ms` : `${ms.toFixed(2)} ms`;
}

/** A rate or a quantity of which small values matter: 0, 0.4, 12.3, 1,308 */
export function amount(value) {
  return value >= 100 ? whole.format(value) : short.format(value);
}

/** Bytes: 412 kB, 3.1 MB */
export function bytes(value) {
  const units = ["bytes", "kB", "MB", "GB"];
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit && value < 100 ? tenths.format(value) : whole.format(value)} ${units[unit]}`;
}

/** Seconds that something lasts: "40 s", "3 min", "1 h 20 min" */
export function span(seconds) {
  if (seconds < 90) {
    return `${Math.max(1, Math.round(seconds))} s`;
  }
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A moment (ms since 1970) as 14:05 */
export const timeOfDay = (ms) => clock.format(ms);

/** A moment (ms since 1970) as 14:05:10 */
export const timeOfDaySeconds = (ms) => clockSeconds.format(ms);

/** A text that is too long for a sentence, cut. */
export function shorten(value, most = 60) {
  const letters = [...value.slice(0, 2 * most + 2)];
  return letters.length > most ? `${letters.slice(0, most - 1).join("").trimEnd()}…` : value;
}
