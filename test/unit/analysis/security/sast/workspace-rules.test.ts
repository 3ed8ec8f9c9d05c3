/** Rules that a repository brings along: used, bounded, and never at the expense of our own. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readWorkspaceRules } from '../../../../../src/analysis/security/sast/workspace-rules.ts';
import { createScanner } from '../../../../../src/analysis/security/scan-file.ts';
import { scanRepository } from '../../../../../src/analysis/security/scan-repository.ts';
import { systemClock } from '../../../../../src/base/clock.ts';
import type { ScanRepositoryResult } from '../../../../../src/contracts/index.ts';

const RULE = `id: no-legacy
title: Legacy call
cwe: CWE-477
severity: critical
confidence: high
rationale: The legacy module is going away, and nothing may call it any more.
help: Call the new module.
languages:
  javascript:
    patterns:
      - call: [legacy.run, eval]
        argument: any
    bad:
      - code: legacy.run(1);
    good:
      - code: modern.run(1);
`;

describe('rules of a workspace', function () {
  this.timeout(20_000);
  const scan = createScanner(import.meta.url, systemClock);
  let root: string;
  let folder: string;

  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'rules-')));
    folder = join(root, '.mcp-conductor/rules');
    await mkdir(folder, { recursive: true });
    await writeFile(join(root, 'a.js'), 'legacy.run(1);\nexport const run = (text) => eval(text);\n');
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const review = (): Promise<ScanRepositoryResult> =>
    scanRepository({
      root,
      top: root,
      types: ['sast'],
      threshold: 'low',
      signal: new AbortController().signal,
      clock: systemClock,
      concurrency: 2,
      scan,
      onProgress: () => undefined,
    });
  const reasons = async (text: string): Promise<readonly string[]> => {
    await writeFile(join(folder, 'a.yaml'), text);
    const { problems, rules } = await readWorkspaceRules(root);
    assert.equal(rules, undefined);
    assert.ok(problems.every(({ file }) => file === '.mcp-conductor/rules/a.yaml'));
    return problems.map(({ reason }) => reason);
  };

  it('report what they look for, beside our own and not in their place', async () => {
    await writeFile(join(folder, 'legacy.yaml'), RULE);
    const { findings, skipped } = await review();
    assert.deepEqual(skipped, []);
    assert.deepEqual(findings.map((one) => `${one.startLine} ${one.severity} ${one.ruleId}`).sort(), [
      '1 critical workspace/no-legacy',
      '2 critical workspace/no-legacy',
      '2 medium sast/code-injection',
    ]);
  });

  it('cannot switch a rule of ours off by taking its name', async () => {
    await writeFile(join(folder, 'a.yaml'), RULE.replace('no-legacy', 'code-injection'));
    const { findings } = await review();
    assert.ok(findings.some((one) => one.ruleId === 'sast/code-injection'));
  });

  it('are told with line, key and what would be right when they are mistaken, and the rest is reviewed', async () => {
    await writeFile(join(folder, 'b.yaml'), RULE.replace('severity: critical', 'severity: terrible'));
    const { findings, skipped } = await review();
    assert.deepEqual(
      findings.map((one) => one.ruleId),
      ['sast/code-injection'],
    );
    assert.equal(skipped[0]?.file, '.mcp-conductor/rules/b.yaml');
    assert.match(skipped[0]?.reason ?? '', /^rule not used: line 4: severity: .*"critical"/);
  });

  it('name a key that is missing, one that is unknown, and YAML that is none', async () => {
    assert.match((await reasons(RULE.replace(/help:.*\n/, '')))[0] ?? '', /line 1: help: /);
    assert.match((await reasons(RULE.replace('argument: any', 'arguments: any')))[0] ?? '', /line 11: .*"arguments"/);
    assert.match(
      (await reasons(RULE.replace('- call: [legacy.run, eval]', '- when: always')))[0] ?? '',
      /line 11: languages\.javascript\.patterns\.0: a pattern has exactly one of call, /,
    );
    assert.match((await reasons('id: [\n'))[0] ?? '', /line \d: not valid YAML: /);
  });

  it('cannot freeze the scan with a regular expression', async () => {
    const evil = RULE.replace('argument: any', "argument: any\n        unlessSource: '^legacy.run.(a+)+x'");
    await writeFile(join(folder, 'a.yaml'), evil);
    await writeFile(join(root, 'a.js'), `legacy.run(${'a'.repeat(60)});\n`);
    const started = Date.now();
    assert.equal((await review()).findings.length, 1);
    assert.ok(Date.now() - started < 5_000);
    const found = await reasons(RULE.replace('argument: any', "unlessSource: '(?=a)b'"));
    assert.match(found[0] ?? '', /line 12: languages\.javascript\.patterns\.0\.unlessSource: /);
  });

  it('are left alone behind a link, when they are too large, and beyond fifty files', async () => {
    await writeFile(join(folder, 'large.yaml'), `${RULE}#${'x'.repeat(70_000)}`);
    await symlink(join(root, 'a.js'), join(folder, 'link.yaml'));
    const few = await readWorkspaceRules(root);
    assert.equal(few.rules, undefined);
    assert.deepEqual(
      few.problems.map(({ file }) => file),
      ['.mcp-conductor/rules/large.yaml', '.mcp-conductor/rules/link.yaml'],
    );
    for (let at = 0; at < 60; at += 1) {
      await writeFile(join(folder, `n${10 + at}.yaml`), RULE.replace('no-legacy', `no-legacy-${at}`));
    }
    const many = await readWorkspaceRules(root);
    assert.equal((JSON.parse(many.rules ?? '[]') as unknown[]).length, 48);
    assert.match(many.problems.at(-1)?.reason ?? '', /62 files of rules: only the first 50 are read/);
  });
});
