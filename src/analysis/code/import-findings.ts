/** Patterns between modules: circles of imports, modules that everything goes through, and layers gone against. */
import { stronglyConnected } from '../strongly-connected.ts';
import { byCodeUnit } from '../walk.ts';
import type { AnalyzedFile } from './function-findings.ts';
import { layerFindings } from './layer-findings.ts';
import { type FindingDraft, isTestPath } from './make-finding.ts';
import { type ImportEdge, type ImportGraph, resolveImports } from './resolve-imports.ts';

/** A hub is imported by this many modules and imports this many itself. */
const HUB = { in: 20, out: 15 };
/** Modules of a circle that are named. */
const MAX_NAMED = 6;

export async function importFindings(files: readonly AnalyzedFile[]): Promise<readonly FindingDraft[]> {
  const graph = await resolveImports(files);
  const out = neighbours(graph.edges);
  return [...cycleFindings(graph, out), ...hubFindings(graph, out), ...layerFindings(graph.edges)];
}

type Neighbours = ReadonlyMap<string, ReadonlyMap<string, ImportEdge>>;

/** For each node what it imports, by name, with the first statement that does. */
function neighbours(edges: readonly ImportEdge[]): Neighbours {
  const out = new Map<string, Map<string, ImportEdge>>();
  for (const edge of edges) {
    const targets = out.get(edge.from) ?? new Map<string, ImportEdge>();
    if (!targets.has(edge.to)) targets.set(edge.to, edge);
    out.set(edge.from, targets);
  }
  return out;
}

function cycleFindings(graph: ImportGraph, out: Neighbours): readonly FindingDraft[] {
  const roots = [...out.keys()].sort(byCodeUnit);
  return stronglyConnected(roots, (node) => out.get(node)?.keys() ?? [])
    .filter((members) => members.length > 1)
    .map((members) => cycleFinding([...members].sort(byCodeUnit), graph, out));
}

function cycleFinding(members: readonly string[], graph: ImportGraph, out: Neighbours): FindingDraft {
  const start = members[0] ?? '';
  const way = shortestCycle(start, new Set(members), out);
  const edge = out.get(start)?.get(way[1] ?? '');
  const packages = start.startsWith('package ');
  const named = way.slice(0, MAX_NAMED).map((name) => name.replace(/^package /, ''));
  const circle = [...named, ...(way.length > MAX_NAMED ? ['…'] : []), start.replace(/^package /, '')].join(' → ');
  const more = members.length > way.length ? ` (${members.length} modules hang together this way)` : '';
  const line = packages ? 1 : (edge?.line ?? 1);
  return {
    ruleId: 'pattern/import-cycle',
    // Packages of Java lean on each other without harm at load time; modules that execute on import do not.
    severity: packages || members.every(isTestPath) ? 'low' : 'medium',
    confidence: packages ? 'medium' : 'high',
    message: `imports go in a circle: ${circle}${more}; what is loaded first sees the other half-made`,
    file: graph.fileOf(start),
    startLine: line,
    endLine: line,
    context: members.slice(0, 50).join(' '),
  };
}

/** The nodes of a shortest way from `start` back to itself, within one component. */
function shortestCycle(start: string, members: ReadonlySet<string>, out: Neighbours): readonly string[] {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (let index = 0; index < queue.length; index += 1) {
    const node = queue[index] ?? '';
    for (const next of [...(out.get(node)?.keys() ?? [])].sort(byCodeUnit)) {
      if (next === start) return wayTo(node, cameFrom);
      if (!members.has(next) || cameFrom.has(next)) continue;
      cameFrom.set(next, node);
      queue.push(next);
    }
  }
  return [start];
}

function wayTo(node: string, cameFrom: ReadonlyMap<string, string>): readonly string[] {
  const way = [node];
  for (let at = cameFrom.get(node); at !== undefined; at = cameFrom.get(at)) way.unshift(at);
  return way;
}

function hubFindings(graph: ImportGraph, out: Neighbours): readonly FindingDraft[] {
  const importers = new Map<string, number>();
  for (const targets of out.values()) {
    for (const target of targets.keys()) importers.set(target, (importers.get(target) ?? 0) + 1);
  }
  const drafts: FindingDraft[] = [];
  for (const [node, targets] of out) {
    const incoming = importers.get(node) ?? 0;
    if (node.startsWith('package ') || incoming < HUB.in || targets.size < HUB.out) continue;
    drafts.push({
      ruleId: 'pattern/hub-module',
      severity: 'low',
      confidence: 'medium',
      message: `${incoming} modules import this one and it imports ${targets.size} itself, so most changes reach through it`,
      file: graph.fileOf(node),
      startLine: 1,
      endLine: 1,
      context: 'hub',
    });
  }
  return drafts;
}
