/**
 * Reading `Cache-Status` (RFC 9211), which may list other caches on the way as well.
 */

const OURS = /(?:^|,)\s*sentiment\s*((?:;[^,]*)?)/;
const COUNTS = /;\s*detail\s*=\s*"hits=(\d+) misses=(\d+)"/;

/**
 * Say how many of a request's texts were cached.
 *
 * @param {string | undefined} header
 * @param {number} texts in the request
 * @returns {{hits: number, misses: number} | null} null if the header does not say it for all of them
 */
export function cacheCounts(header, texts) {
  const member = OURS.exec(header || "");
  if (!member) {
    return null;
  }
  if (/;\s*hit\s*(?:;|$)/.test(member[1])) {
    return { hits: texts, misses: 0 };
  }
  const counts = COUNTS.exec(member[1]);
  if (!counts || Number(counts[1]) + Number(counts[2]) !== texts) {
    return null;
  }
  return { hits: Number(counts[1]), misses: Number(counts[2]) };
}
