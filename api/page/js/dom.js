/** Makes elements. Text is always set as text: nothing on this page is parsed as HTML. */

const SVG = "http://www.w3.org/2000/svg";

/** Find the element with an id. */
export const $ = (id) => document.getElementById(id);

/**
 * Make an element: `h("a", { href: "#jobs", class: "chip" }, "Jobs")`.
 *
 * A name with "on" in front is a listener, one with "--" a CSS variable; null, undefined and false are left out.
 */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** Make an element of SVG, in the same way. */
export function s(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** Replace what is inside an element; null and false are left out. */
export function put(parent, ...children) {
  parent.replaceChildren(...present(children));
}

/** Set an element's text if it has changed, so that nothing is drawn or read out again. */
export function text(element, value) {
  if (element.textContent !== value) {
    element.textContent = value;
  }
}

/** Announce a sentence to screen readers. */
export function announce(sentence) {
  text($("announce"), sentence);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    set(element, name, value);
  }
  element.append(...present(children));
  return element;
}

function set(element, name, value) {
  if (value === null || value === undefined || value === false) {
    return;
  }
  if (name.startsWith("--")) {
    element.style.setProperty(name, value);
  } else if (name.startsWith("on")) {
    element.addEventListener(name.slice(2), value);
  } else {
    element.setAttribute(name, value === true ? "" : value);
  }
}

function present(children) {
  return children.flat().filter((child) => child !== null && child !== undefined && child !== false);
}
