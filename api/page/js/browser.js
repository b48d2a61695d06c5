/** Features that a browser may lack or forbid, each with a substitute. */

/** Return whether the main pointer is of a kind, "coarse" (a finger) or "fine" (a mouse); false where that is unknown. */
export function pointerIs(kind) {
  return typeof matchMedia === "function" && matchMedia(`(pointer: ${kind})`).matches;
}

/** Return a text with U+FFFD in the place of each half of a surrogate pair, which UTF-8 cannot carry. */
export const wellFormed = (text) => text.replace(/\p{Surrogate}/gu, "\ufffd"); // `toWellFormed` is newer than the oldest browsers

/** Run `work` in one tab at a time. Where there are no locks, or they are blocked together with cookies, run it at once. */
export async function alone(name, work) {
  let begun = false;
  const begin = () => {
    begun = true;
    return work();
  };
  try {
    return await navigator.locks.request(name, begin);
  } catch (error) {
    if (begun) {
      throw error;
    }
    return begin();
  }
}

/** Connect the tabs of one service; return a function that sends to the others. Where that is blocked, it does nothing. */
export function connectTabs(name, onMessage) {
  try {
    const channel = new BroadcastChannel(name);
    channel.onmessage = ({ data }) => onMessage(data);
    return (message) => channel.postMessage(message);
  } catch {
    return () => {};
  }
}
