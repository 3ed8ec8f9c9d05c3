/** Which of two versions is later, well enough to name the nearest fix: numbers by size, pre-releases before the release. */

const RELEASE = /^v?(\d+(?:\.\d+)*)/i;
const PART = /\d+|[a-z]+/gi;
const PRE_RELEASE = /^(?:dev|a|alpha|b|beta|m|milestone|pre|preview|c|cr|rc|snapshot)$/i;

type Part = string | undefined;

/** Below zero when `a` is earlier. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [split(a), split(b)];
  return compareLists(left.release, right.release) || compareLists(left.rest, right.rest);
}

/** The numbers in front, and what follows; without a leading `v` and without the build after `+`. */
function split(version: string): { readonly release: readonly string[]; readonly rest: readonly string[] } {
  const plain = version.replace(/\+.*$/, '');
  const [whole = '', release = ''] = RELEASE.exec(plain) ?? [];
  return { release: release.split('.'), rest: plain.slice(whole.length).match(PART) ?? [] };
}

/** Missing parts are zero. */
function compareLists(a: readonly string[], b: readonly string[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const order = compareParts(a[at], b[at]);
    if (order !== 0) return order;
  }
  return 0;
}

function compareParts(a: Part, b: Part): number {
  const order = rank(a) - rank(b);
  if (order !== 0 || a === b || a === undefined || b === undefined || /^\d/.test(a)) return order;
  return a.toLowerCase() < b.toLowerCase() ? -1 : 1;
}

/** A word for a pre-release lies below nothing at all, any other word above. */
function rank(part: Part): number {
  if (part === undefined) return 0;
  if (/^\d/.test(part)) return Number(part);
  return PRE_RELEASE.test(part) ? -1 : 0.5;
}
