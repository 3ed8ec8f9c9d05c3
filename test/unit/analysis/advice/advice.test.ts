/** Recommendations and action items: grouping, ranking, and the same list whatever the order of the findings. */
import assert from 'node:assert/strict';
import { planActions } from '../../../../src/analysis/advice/action-items.ts';
import { recommend } from '../../../../src/analysis/advice/recommendations.ts';
import type { RawFinding } from '../../../../src/contracts/review.ts';

const finding = (over: Partial<RawFinding>): RawFinding => ({
  ruleId: 'complexity/cyclomatic',
  kind: 'complexity',
  severity: 'medium',
  confidence: 'high',
  message: 'f has 20 paths',
  file: 'src/a/x.js',
  startLine: 10,
  endLine: 20,
  fingerprint: 'f',
  ...over,
});

const secret = { ruleId: 'secret/aws-key', kind: 'secret', severity: 'critical', help: 'Revoke it.' } as const;

describe('recommendations', () => {
  it('group by rule and area and name the worst places first', () => {
    const [first, ...rest] = recommend({
      findings: [
        finding({ file: 'src/a/y.js' }),
        finding({ severity: 'high', startLine: 99 }),
        finding({ file: 'lib/z.js' }),
        finding({ file: 'src/a/deep/er/z.js' }),
      ],
    });
    assert.equal(rest.length, 1);
    assert.deepEqual([first?.severity, first?.reach, first?.findings], ['high', 3, 3]);
    assert.deepEqual([first?.places[0]?.file, first?.places[0]?.line], ['src/a/x.js', 99]);
    assert.equal(first?.title, 'High cyclomatic complexity in src/a');
    assert.equal(first?.reason, first?.places[0]?.message);
  });

  it('rank by severity, confidence and reach', () => {
    const list = recommend({
      findings: [
        finding({}),
        finding({ ...secret, file: 'config.py' }),
        finding({ ruleId: 'smell/empty-handler', kind: 'smell', confidence: 'low' }),
        finding({ ruleId: 'docs/dead-link', kind: 'docs', file: 'src/a/1.md' }),
        finding({ ruleId: 'docs/dead-link', kind: 'docs', file: 'src/a/2.md' }),
      ],
    });
    assert.deepEqual(
      list.map(({ ruleIds, score }) => [ruleIds[0], score]),
      [
        ['secret/aws-key', 81],
        ['docs/dead-link', 6],
        ['complexity/cyclomatic', 3],
        ['smell/empty-handler', 1.2],
      ],
    );
    assert.equal(list[0]?.help, 'Revoke it.');
  });

  it('are the same whatever the order of what they are made of', () => {
    const findings = Array.from({ length: 60 }, (_, index) =>
      finding({
        file: `src/${index % 7}/f${index % 5}.js`,
        startLine: index + 1,
        ruleId: `x/r${index % 3}`,
        fingerprint: `p${index}`,
      }),
    );
    const once = recommend({ findings });
    assert.deepEqual(recommend({ findings: [...findings].reverse() }), once);
    assert.deepEqual(planActions([...once].reverse()), planActions(once));
  });

  it('are bounded in number and in places', () => {
    const findings = Array.from({ length: 500 }, (_, index) =>
      finding({ ruleId: `x/r${index % 80}`, startLine: index + 1 }),
    );
    const list = recommend({ findings });
    assert.equal(list.length, 50);
    assert.ok(list.every(({ places }) => places.length <= 10));
    assert.equal(recommend({ findings, max: 3 }).length, 3);
  });

  it('carry the title of their rule', () => {
    const titles = {
      'sast/cross-site-scripting': 'Cross-site scripting',
      'sast/sql-injection': 'SQL injection',
      'dependency/unpinned': 'Unpinned dependency',
      'dependency/lookalike-name': 'Dependency with a lookalike name',
      'secret/github-token': 'GitHub token',
      'secret/aws': 'AWS credential',
      'docs/dead-link': 'Link to a file that does not exist',
      'other/new_rule': 'New rule',
    };
    for (const [ruleId, title] of Object.entries(titles))
      assert.equal(recommend({ findings: [finding({ ruleId, file: 'a' })] })[0]?.title, title);
  });

  it('speak of dependencies and of the README when no finding does', () => {
    const dependencies = [
      { name: 'b', version: '*', ecosystem: 'npm', file: 'package.json', problems: ['not pinned'] },
      { name: 'a', version: '1', ecosystem: 'npm', file: 'package.json', problems: [] },
    ];
    const readme = { file: 'README.md', completeness: 0.86, present: ['title'], missing: ['tests'] };
    const documentation = { readme, links: { checked: 0, dead: 0 }, files: 1 };
    const list = recommend({ findings: [], dependencies, documentation });
    assert.deepEqual(
      list.map(({ kind, severity }) => [kind, severity]),
      [
        ['dependency', 'medium'],
        ['docs', 'low'],
      ],
    );
    const told = [finding({ kind: 'dependency', ruleId: 'dependency/unpinned', file: 'package.json' })];
    assert.equal(recommend({ findings: told, dependencies }).length, 1);
  });
});

describe('action items', () => {
  it('are concrete, ranked from 1, with place and effort', () => {
    const recommendations = recommend({
      findings: [finding({}), finding({ ...secret, file: 'config.py', startLine: 3 })],
    });
    const items = planActions(recommendations);
    assert.deepEqual(
      items.map(({ priority, title, file, line, effort }) => [priority, title, file, line, effort]),
      [
        [1, 'Revoke and remove the secret at config.py:3', 'config.py', 3, 'small'],
        [2, 'Simplify src/a/x.js:10', 'src/a/x.js', 10, 'medium'],
      ],
    );
    assert.match(items[0]?.reason ?? '', /[^.]\. Revoke it\.$/);
    assert.ok(items.every((item) => recommendations.some(({ id }) => id === item.recommendation)));
  });

  it('name the README as a whole', () => {
    const docs = { kind: 'docs', file: 'README.md', startLine: 1 } as const;
    const titleFor = (ruleId: string): string | undefined =>
      planActions(recommend({ findings: [finding({ ...docs, ruleId })] }))[0]?.title;
    assert.equal(titleFor('docs/no-readme'), 'Write README.md');
    assert.equal(titleFor('docs/readme-incomplete'), 'Complete README.md');
    assert.equal(titleFor('docs/dead-link'), 'Correct README.md:1');
  });

  it('are one where two rules meet', () => {
    const other = { ...secret, ruleId: 'secret/token' };
    const items = planActions(recommend({ findings: [finding(secret), finding(other), finding({})] }));
    assert.deepEqual(
      items.map(({ severity }) => severity),
      ['critical', 'medium'],
    );
  });

  it('name several places of what is severe, and are bounded', () => {
    const findings = Array.from({ length: 5 }, (_, index) => finding({ ...secret, startLine: index + 1 }));
    assert.equal(planActions(recommend({ findings })).length, 3);
    assert.equal(planActions(recommend({ findings }), 2).length, 2);
  });
});
