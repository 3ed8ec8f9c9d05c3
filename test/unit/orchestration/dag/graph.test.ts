/** Graphs of steps: cycles, orders, and the longest way to the end. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  findCycle,
  type GraphNode,
  longestRemainingPaths,
  topologicalOrder,
} from '../../../../src/orchestration/dag/graph.ts';

const graph = (edges: Record<string, string[]>): GraphNode[] =>
  Object.entries(edges).map(([id, needs]) => ({ id, needs }));

/** Random graphs in which a node needs only earlier ones, hence acyclic. */
const acyclic = fc.array(fc.array(fc.nat({ max: 30 }), { maxLength: 4 }), { minLength: 1, maxLength: 30 }).map((rows) =>
  rows.map((needs, index) => ({
    id: `n${index}`,
    needs: [...new Set(needs.filter((need) => need < index).map((need) => `n${need}`))],
  })),
);

describe('findCycle', () => {
  it('returns the steps along the circle', () => {
    assert.deepEqual(findCycle(graph({ a: [], b: ['a', 'd'], c: ['b'], d: ['c'] })), ['b', 'd', 'c', 'b']);
  });

  it('sees a step that needs itself', () => {
    assert.deepEqual(findCycle(graph({ a: ['a'] })), ['a', 'a']);
  });

  it('finds none in any acyclic graph', () => {
    fc.assert(fc.property(acyclic, (nodes) => findCycle(nodes) === undefined));
  });

  it('survives a chain of 50,000 steps', () => {
    const nodes = Array.from({ length: 50_000 }, (_, index) => ({
      id: `n${index}`,
      needs: index === 0 ? [] : [`n${index - 1}`],
    }));
    assert.equal(findCycle(nodes), undefined);
  });
});

describe('topologicalOrder', () => {
  it('puts every step after what it needs, and loses none', () => {
    fc.assert(
      fc.property(acyclic, (nodes) => {
        const order = topologicalOrder(nodes);
        assert.equal(order.length, nodes.length);
        for (const { id, needs } of nodes) for (const need of needs) assert.ok(order.indexOf(need) < order.indexOf(id));
      }),
    );
  });
});

describe('longestRemainingPaths', () => {
  it('adds up the slowest chain behind each step', () => {
    const cost: Record<string, number> = { a: 1, b: 10, c: 2, d: 3 };
    const paths = longestRemainingPaths(graph({ a: [], b: ['a'], c: ['a'], d: ['b', 'c'] }), (id) => cost[id] ?? 0);
    assert.deepEqual(Object.fromEntries(paths), { d: 3, c: 5, b: 13, a: 14 });
  });
});
