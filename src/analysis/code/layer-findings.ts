/** Layers, as the code itself has them: a folder that uses another one all over, and the few imports that go back. */
import { groupBy } from '../group-by.ts';
import { byCodeUnit } from '../walk.ts';
import { type FindingDraft, isTestPath } from './make-finding.ts';
import type { ImportEdge } from './resolve-imports.ts';

/** Least imports one way for a direction to be meant, and the share of them that may go back for it to be a slip. */
const LAYER = { least: 10, share: 0.15 };
/** Findings told. */
const MAX_FINDINGS = 100;

/** Imports between two folders against the direction of nearly all others. */
export function layerFindings(edges: readonly ImportEdge[]): readonly FindingDraft[] {
  const between = byFolders(edges);
  const drafts: FindingDraft[] = [];
  for (const [key, back] of [...between].sort(([a], [b]) => byCodeUnit(a, b))) {
    const [lower = '', upper = ''] = key.split('\0');
    const forth = between.get(`${upper}\0${lower}`)?.length ?? 0;
    if (forth < LAYER.least || back.length > forth * LAYER.share) continue;
    for (const edge of back) drafts.push(finding(edge, { lower, upper, forth }));
  }
  return drafts.slice(0, MAX_FINDINGS);
}

/** The imports from one folder to another, tests apart. */
function byFolders(edges: readonly ImportEdge[]): ReadonlyMap<string, readonly ImportEdge[]> {
  const own = edges.filter(({ from, to }) => !from.startsWith('package ') && !isTestPath(from) && !isTestPath(to));
  return groupBy(
    // A folder and what is inside it are one layer: an index names its parts, and they use what it offers.
    own.filter(({ from, to }) => !isWithin(folderOf(from), folderOf(to)) && !isWithin(folderOf(to), folderOf(from))),
    ({ from, to }) => `${folderOf(from)}\0${folderOf(to)}`,
  );
}

function finding(
  { from, to, line }: ImportEdge,
  { lower, upper, forth }: { readonly lower: string; readonly upper: string; readonly forth: number },
): FindingDraft {
  return {
    ruleId: 'pattern/layer-inversion',
    severity: 'low',
    confidence: 'medium',
    message: `${shown(upper)} imports ${shown(lower)} in ${forth} places, and this one import goes back up to ${to}: neither can be changed alone`,
    file: from,
    startLine: line,
    endLine: line,
    context: to,
  };
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function isWithin(folder: string, other: string): boolean {
  return other === '' || folder === other || folder.startsWith(`${other}/`);
}

function shown(folder: string): string {
  return `${folder}/`;
}
