/** Several sources' lists as one: what is the same, what comes first, and that nothing gets lost. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { JsonObject } from '../../../src/base/json.ts';
import { groupSame } from '../../../src/orchestration/merge/identity.ts';
import { merge, RANKINGS } from '../../../src/orchestration/merge/merge.ts';

const paper = (title: string, more: JsonObject = {}): JsonObject => ({ title, ...more });
const IDENTIFY = ['doi', 'arxivId', 'title'];

describe('identity of items', () => {
  const groups = (...items: readonly JsonObject[]): readonly (readonly number[])[] => groupSame(items, IDENTIFY);

  it('knows the forms in which one identifier is written', () => {
    assert.deepEqual(
      groups({ doi: '10.1000/ABC' }, { doi: 'https://doi.org/10.1000/abc' }, { doi: 'doi:10.1000/abc' }),
      [[0, 1, 2]],
    );
    assert.deepEqual(groups({ arxivId: '2101.00001v2' }, { arxivId: 'https://arxiv.org/abs/2101.00001' }), [[0, 1]]);
    assert.deepEqual(groups(paper('Attention is All You Need!'), paper('attention is all you need')), [[0, 1]]);
  });

  it('joins through a third that knows both', () => {
    assert.deepEqual(groups({ doi: '10.1/x' }, { arxivId: '1' }, { doi: '10.1/x', arxivId: '1' }), [[0, 1, 2]]);
  });

  it('lets a surer key that both have keep apart what a weaker one would join', () => {
    const [a, b, c] = [
      paper('Editorial', { doi: '10.1/a' }),
      paper('Editorial', { doi: '10.1/b' }),
      paper('Editorial'),
    ];
    assert.deepEqual(groups(a, b, c), [[0, 2], [1]]);
  });

  it('takes titles that hardly differ for one, but not short ones', () => {
    const long = 'A survey of reinforcement learning for large language model alignment with human feedback';
    assert.deepEqual(groups(paper(long), paper(`${long}.`), paper(long.replace('A survey', 'Survey'))), [[0, 1, 2]]);
    assert.deepEqual(groups(paper('Deep learning now'), paper('Deep learning')), [[0], [1]]);
  });

  it('joins nothing that has no key', () => {
    assert.deepEqual(groups({}, {}, { title: ' ' }), [[0], [1], [2]]);
  });
});

describe('merging', () => {
  const lists = [
    { source: 'a.search', items: [paper('one'), paper('two'), paper('three')] },
    { source: 'b.search', items: [paper('three', { year: 2020 }), paper('four')] },
  ];
  const titles = (items: readonly unknown[]): readonly unknown[] => items.map((item) => (item as JsonObject).title);

  it('ranks by reciprocal rank fusion: what several sources list comes first', () => {
    const { items, provenance } = merge(lists, { identify: IDENTIFY });
    assert.deepEqual(titles(items), ['three', 'one', 'two', 'four']);
    assert.deepEqual(provenance[0], {
      score: 1 / 13 + 1 / 11,
      from: [
        { source: 'a.search', place: 3 },
        { source: 'b.search', place: 1 },
      ],
    });
  });

  it('weighs sources', () => {
    const { items } = merge(lists, { identify: IDENTIFY, weights: { 'a.search': 0.1 } });
    assert.deepEqual(titles(items), ['three', 'four', 'one', 'two']);
  });

  it('gives a merged item the fields of all its finds, the heavier source first', () => {
    const found = [
      { source: 'a', items: [paper('x', { abstract: '', year: 2019, authors: [] })] },
      { source: 'b', items: [paper('X', { abstract: 'text', year: 2020, authors: ['N'] })] },
    ];
    assert.deepEqual(merge(found, { identify: ['title'] }).items, [
      { title: 'x', abstract: 'text', year: 2019, authors: ['N'] },
    ]);
    assert.deepEqual(merge(found, { identify: ['title'], weights: { b: 2 } }).items, [
      { title: 'X', abstract: 'text', year: 2020, authors: ['N'] },
    ]);
  });

  it('fuses scores of different scales', () => {
    const scored = [
      { source: 'a', items: [paper('x', { score: 900 }), paper('y', { score: 100 })] },
      { source: 'b', items: [paper('y', { score: 0.9 }), paper('z', { score: 0.8 }), paper('x', { score: 0.1 })] },
    ];
    assert.deepEqual(titles(merge(scored, { identify: ['title'], rank: 'score' }).items), ['x', 'y', 'z']);
  });

  it('puts the newest first, and what has no date last', () => {
    const dated = [
      { source: 'a', items: [paper('none'), paper('old', { year: 1999 }), paper('new', { published: '2024-05-01' })] },
    ];
    assert.deepEqual(titles(merge(dated, { rank: 'recency' }).items), ['new', 'old', 'none']);
  });

  it('keeps the order of the sources when nothing is to be ranked, and cuts', () => {
    const { items } = merge(lists, { identify: IDENTIFY, rank: 'none', limit: 3 });
    assert.deepEqual(titles(items), ['one', 'two', 'three']);
  });

  it('refuses what makes no sense', () => {
    assert.throws(() => merge(lists, { weights: { 'a.search': -1 } }), /the weight of a\.search must be at least 0/);
    assert.throws(() => merge(lists, { k: Number.NaN }), RangeError);
  });

  it('loses nothing and doubles nothing, whatever comes', () => {
    const item = fc.record(
      {
        doi: fc.constantFrom('10.1/a', '10.1/b', '10.1/c'),
        title: fc.constantFrom('alpha', 'beta', 'gamma delta epsilon zeta', 'gamma delta epsilon zeta!'),
        score: fc.double(),
        year: fc.integer(),
      },
      { requiredKeys: [] },
    );
    const list = fc.record({ source: fc.constantFrom('a', 'b'), items: fc.array(fc.oneof(item, fc.jsonValue())) });
    fc.assert(
      fc.property(fc.array(list, { maxLength: 4 }), fc.constantFrom(...RANKINGS), (sources, rank) => {
        const { items, provenance } = merge(sources as typeof lists, { identify: IDENTIFY, rank });
        const finds = provenance.flatMap(({ from }) => from);
        const given = sources.reduce((sum, { items: own }) => sum + own.length, 0);
        return finds.length === given && items.length === provenance.length;
      }),
      { numRuns: 200 },
    );
  });
});
