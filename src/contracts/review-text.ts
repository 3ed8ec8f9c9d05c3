/** How a report words what it did not look at, the same on a page, in a terminal and in a panel. Pure. */
import type { Blind } from './review.ts';

/** Names in one sentence; the rest are counted. */
const NAMED = 12;

/** One sentence each; none when everything was looked at. */
export function blindSpots(blind: Blind | undefined): readonly string[] {
  if (blind === undefined) return [];
  const { notAnalyzed, notScanned, notUnderstood } = blind;
  const told: string[] = [];
  if (sameCounts(notAnalyzed, notScanned)) tell(told, 'Neither measured nor scanned for dangerous code', notAnalyzed);
  else {
    tell(told, 'Code that was not measured', notAnalyzed);
    tell(told, 'No rule about dangerous code covers', notScanned);
  }
  if (notUnderstood.length > 0) told.push(`Manifests that nothing here reads: ${listed(notUnderstood)}.`);
  return told;
}

type Counts = Blind['notAnalyzed'];

function tell(told: string[], what: string, counts: Counts): void {
  const names = Object.entries(counts)
    .sort(([nameA, a], [nameB, b]) => b - a || (nameA < nameB ? -1 : 1))
    .map(([name, files]) => `${name} (${files} ${files === 1 ? 'file' : 'files'})`);
  if (names.length > 0) told.push(`${what}: ${listed(names)}.`);
}

function sameCounts(a: Counts, b: Counts): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

function listed(names: readonly string[]): string {
  const rest = names.length - NAMED;
  return `${names.slice(0, NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
