/** A directed graph of steps: its cycles, and how much work lies behind each node. */

export interface GraphNode {
  readonly id: string;
  readonly needs: readonly string[];
}

/** One cycle as the ids along it, or undefined when there is none. Linear in nodes and edges. */
export function findCycle(nodes: readonly GraphNode[]): readonly string[] | undefined {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const done = new Set<string>();
  for (const { id } of nodes) {
    const cycle = cycleFrom(id, byId, done);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

function cycleFrom(
  start: string,
  byId: ReadonlyMap<string, GraphNode>,
  done: Set<string>,
): readonly string[] | undefined {
  const path: { readonly id: string; next: number }[] = [{ id: start, next: 0 }];
  const onPath = new Set<string>([start]);
  while (path.length > 0) {
    const top = path[path.length - 1];
    if (top === undefined) break;
    const need = byId.get(top.id)?.needs[top.next];
    top.next += 1;
    if (need === undefined || done.has(top.id)) {
      done.add(top.id);
      onPath.delete(top.id);
      path.pop();
    } else if (onPath.has(need)) {
      return [...path.map((entry) => entry.id).slice(path.findIndex((entry) => entry.id === need)), need];
    } else if (!done.has(need) && byId.has(need)) {
      onPath.add(need);
      path.push({ id: need, next: 0 });
    }
  }
  return undefined;
}

/** Ids so that every node comes after what it needs; nodes on a cycle are left out. Stable in the given order. */
export function topologicalOrder(nodes: readonly GraphNode[]): readonly string[] {
  const known = new Set(nodes.map((node) => node.id));
  const missing = new Map(nodes.map((node) => [node.id, node.needs.filter((need) => known.has(need)).length]));
  const dependents = dependentsOf(nodes);
  const order = nodes.filter((node) => missing.get(node.id) === 0).map((node) => node.id);
  for (let index = 0; index < order.length; index += 1) {
    for (const dependent of dependents.get(order[index] ?? '') ?? []) {
      const left = (missing.get(dependent) ?? 0) - 1;
      missing.set(dependent, left);
      if (left === 0) order.push(dependent);
    }
  }
  return order;
}

function dependentsOf(nodes: readonly GraphNode[]): ReadonlyMap<string, readonly string[]> {
  const dependents = new Map<string, string[]>();
  for (const node of nodes) {
    for (const need of node.needs) {
      const list = dependents.get(need);
      if (list === undefined) dependents.set(need, [node.id]);
      else list.push(node.id);
    }
  }
  return dependents;
}

/**
 * Milliseconds from the start of each node to the end of the longest chain behind it: what is started first when not
 * everything can run at once (Graham's longest-processing-path rule).
 *
 * @param estimate - expected milliseconds of one node
 */
export function longestRemainingPaths(
  nodes: readonly GraphNode[],
  estimate: (id: string) => number,
): ReadonlyMap<string, number> {
  const dependents = dependentsOf(nodes);
  const remaining = new Map<string, number>();
  for (const id of [...topologicalOrder(nodes)].reverse()) {
    const behind = (dependents.get(id) ?? []).map((dependent) => remaining.get(dependent) ?? 0);
    remaining.set(id, estimate(id) + behind.reduce((longest, path) => Math.max(longest, path), 0));
  }
  return remaining;
}
