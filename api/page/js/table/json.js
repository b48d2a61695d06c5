/** Lines of NDJSON. A number is kept as it is written, though JavaScript cannot hold each. */

// Each pattern finds strings too, so that nothing inside them is taken for something else.
const NUMBERS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;
const MISSING = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g;

/** Return a line as strict JSON, or null if it is none: Python writes NaN where a value is missing. */
export function strictJson(line) {
  for (const strict of [line, outsideStrings(line, MISSING, () => "null")]) {
    try {
      JSON.parse(strict);
      return strict;
    } catch {
      // The next spelling may be JSON.
    }
  }
  return null;
}

/** Return the text in a line: a string or a number, the member `name` of an object or the value itself; else "". */
export function jsonText(line, name) {
  const value = JSON.parse(line);
  const own = isObject(value) ? name : "text";
  return ["string", "number"].includes(typeof members(value).get(own)) ? jsonCells(line, [own])[0] : "";
}

/** Return members of a line's object as cells of a table; a value that is no object is the cell "text". */
export function jsonCells(line, columns) {
  const found = members(JSON.parse(line));
  const written = [...found.values()].some((value) => typeof value === "number") && members(JSON.parse(quoted(line)));
  return columns.map((name) => {
    const value = found.get(name) ?? "";
    return typeof value === "number" ? written.get(name) : typeof value === "string" ? value : JSON.stringify(value);
  });
}

/** Return the names of a line's members, or none. */
export function jsonNames(line) {
  const value = JSON.parse(line);
  return isObject(value) ? Object.keys(value) : [];
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

const members = (value) => new Map(Object.entries(isObject(value) ? value : { text: value }));

const quoted = (line) => outsideStrings(line, NUMBERS, (number) => `"${number}"`);

function outsideStrings(line, pattern, write) {
  return line.replace(pattern, (token) => (token[0] === '"' ? token : write(token)));
}
