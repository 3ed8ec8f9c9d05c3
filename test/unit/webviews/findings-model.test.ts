/** Filtering, grouping and limiting of findings, and what a panel remembers. */
import assert from 'node:assert/strict';
import type { Finding } from '../../../src/contracts/review.ts';
import {
  filterFindings,
  groupFindings,
  limitGroups,
  sortFunctions,
} from '../../../src/webviews/review/findings-model.ts';
import { INITIAL_VIEW, restoreView } from '../../../src/webviews/review/view-state.ts';

const finding = (over: Partial<Finding>): Finding => ({
  ruleId: 'sast/eval',
  kind: 'sast',
  severity: 'high',
  confidence: 'high',
  message: 'eval runs whatever text reaches it',
  file: 'src/a.js',
  startLine: 3,
  endLine: 3,
  fingerprint: 'f',
  server: 's',
  tool: 't',
  ...over,
});

const all = [
  finding({}),
  finding({ severity: 'critical', kind: 'secret', ruleId: 'secret/assignment', file: 'src/b.py' }),
  finding({ severity: 'low', kind: 'docs', ruleId: 'docs/dead-link', file: 'README.md', cwe: 'CWE-1' }),
];

describe('findings in the panel', () => {
  it('are filtered by severity, kind and every word of the text', () => {
    assert.equal(filterFindings(all, { ...INITIAL_VIEW, hidden: ['critical'] }).length, 2);
    assert.deepEqual(filterFindings(all, { ...INITIAL_VIEW, kind: 'docs' }), [all[2]]);
    assert.deepEqual(filterFindings(all, { ...INITIAL_VIEW, text: 'EVAL b.py' }), [all[1]]);
    assert.deepEqual(filterFindings(all, { ...INITIAL_VIEW, text: 'a.js:3' }), [all[0]]);
  });

  it('are grouped with the worst first', () => {
    assert.deepEqual(
      groupFindings(all, 'severity').map(({ key }) => key),
      ['critical', 'high', 'low'],
    );
    assert.deepEqual(
      groupFindings(all, 'file').map(({ key }) => key),
      ['src/b.py', 'src/a.js', 'README.md'],
    );
  });

  it('are drawn up to a limit, closed groups not counted', () => {
    const groups = groupFindings(all, 'severity');
    const limited = limitGroups(groups, ['critical'], 1);
    assert.deepEqual(
      limited.groups.map(({ key, findings, total }) => [key, findings.length, total]),
      [
        ['critical', 0, 1],
        ['high', 1, 1],
      ],
    );
    assert.equal(limited.left, 1);
  });
});

describe('functions in the panel', () => {
  it('are sorted by any column, both ways', () => {
    const metric = (name: string, cyclomatic: number) => ({
      file: 'a',
      name,
      startLine: 1,
      endLine: 2,
      cyclomatic,
      parameters: 0,
      lines: 2,
      nesting: 0,
    });
    const functions = [metric('b', 3), metric('a', 9)];
    assert.deepEqual(
      sortFunctions(functions, { column: 'cyclomatic', ascending: false }).map(({ name }) => name),
      ['a', 'b'],
    );
    assert.deepEqual(
      sortFunctions(functions, { column: 'name', ascending: false }).map(({ name }) => name),
      ['b', 'a'],
    );
  });
});

describe('restoreView', () => {
  it('keeps what makes sense and drops the rest', () => {
    const view = restoreView({
      runId: 'r',
      tab: 'metrics',
      hidden: ['low', 'nonsense'],
      kind: 'evil',
      grouping: 'file',
      rows: 1e9,
    });
    assert.deepEqual(
      [view.runId, view.tab, view.hidden, view.kind, view.grouping, view.rows],
      ['r', 'metrics', ['low'], 'all', 'file', INITIAL_VIEW.rows],
    );
    assert.equal(restoreView('nonsense'), INITIAL_VIEW);
  });
});
