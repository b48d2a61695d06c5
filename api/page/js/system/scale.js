/** Turns numbers into places in a chart, from 0 to 1. */

/** Return the smallest of 1, 2, 4, 6, 8, 10, 20, 40 … that is not below a value: half of it is a whole number from 2 on. */
export function niceAbove(value) {
  if (value <= 1) {
    return 1;
  }
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 6, 8, 10].map((step) => step * power).find((step) => step >= value);
}

/** A scale from 0: its top, its lines, and where a value is. */
export function linear(values, least = 1) {
  const top = niceAbove(Math.max(least, ...values));
  return { ticks: [0, top / 2, top], at: (value) => value / top };
}

/** A scale of powers of ten around the values. */
export function logarithmic(values) {
  const positive = values.filter((value) => value > 0);
  const low = Math.floor(Math.log10(Math.min(...positive, 1)));
  const high = Math.max(low + 2, Math.ceil(Math.log10(Math.max(...positive, 10))));
  const ticks = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
  return { ticks, at: (value) => (Math.log10(Math.max(value, ticks[0])) - low) / (high - low) };
}

/** Draw a line through the values; where one is null, the line breaks. */
export function linePath(values, at, { width, height }) {
  let path = "";
  let open = false;
  values.forEach((value, index) => {
    if (value === null) {
      open = false;
      return;
    }
    const x = (index / (values.length - 1)) * width;
    const y = height - at(value) * height;
    path += `${open ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    path += open || (values[index + 1] ?? null) !== null ? "" : "h.1"; // a single point is a dot
    open = true;
  });
  return path;
}

/** Draw the area between two rows of values. */
export function areaPath(lower, upper, at, { width, height }) {
  const place = (value, index) => `${((index / (upper.length - 1)) * width).toFixed(1)} ${(height - at(value) * height).toFixed(1)}`;
  const there = upper.map(place);
  const back = lower.map(place).reverse();
  return `M${there.join("L")}L${back.join("L")}Z`;
}
