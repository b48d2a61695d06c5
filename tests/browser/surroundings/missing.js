/**
 * Print a script that takes away from a browser of today what some older ones lack, by MDN's tables.
 *
 *     node missing.js chrome=88 firefox=90 safari=15
 *
 * A feature goes if any of the versions lacks it. CSS and syntax stay: they cannot be taken away.
 */

import { createRequire } from "node:module";

const { api, javascript } = createRequire(import.meta.url)("@mdn/browser-compat-data");
const versions = Object.fromEntries(process.argv.slice(2).map((one) => one.split("=")));

/** Return whether a version of a browser has a feature, under its own name and for everybody. */
function has(entry, version) {
  const added = typeof entry.version_added === "string" ? Number.parseFloat(entry.version_added.replace("≤", "")) : NaN;
  const plain = !entry.flags && !entry.prefix && !entry.alternative_name && !entry.partial_implementation;
  return plain && added <= version && !(Number.parseFloat(entry.version_removed) <= version);
}

function lacking({ __compat: compat }) {
  return compat && Object.entries(versions).some(([browser, version]) =>
    ![compat.support[browser]].flat().some((entry) => has(entry, Number(version))));
}

/** Return what goes from an interface: `[interface, member]`; `[interface]` for all of it. */
function goesFrom(name, feature) {
  if (lacking(feature)) {
    return [[name]];
  }
  const members = Object.keys(feature).filter((member) => member !== "__compat" && member !== name);
  return members.filter((member) => lacking(feature[member])).map((member) => [name, member.replace(/_static$/, "")]);
}

const features = { ...javascript.builtins, ...javascript.builtins.Intl, ...api };
const gone = Object.entries(features).flatMap(([name, feature]) => (name === "__compat" ? [] : goesFrom(name, feature)));

console.log(`for (const [name, member] of ${JSON.stringify(gone)}) {
  const whole = name === "TypedArray" ? Object.getPrototypeOf(Uint8Array) : globalThis[name];
  const owners = member ? [whole, whole?.prototype, name === "Window" && window] : [window, whole?.prototype];
  for (const owner of owners.filter(Boolean)) {
    const names = member || owner === window ? [member || name] : Object.getOwnPropertyNames(owner);
    names.forEach((one) => Reflect.deleteProperty(owner, one));
  }
}`);
