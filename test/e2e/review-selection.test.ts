/** Baselines, suppression comments, changed files and the formats of the review, on the built product. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReviewReport } from '../../src/contracts/index.ts';
import { OsvStub } from '../fixtures/osv-stub.ts';
import { writeSampleRepository } from '../fixtures/sample-repository.ts';
import { CommandLine, type Outcome } from '../harness/command-line.ts';

describe('what a review shows', function () {
  this.timeout(120_000);
  let cli: CommandLine;
  let sample: string;

  beforeEach(async () => {
    cli = await CommandLine.open();
    sample = join(cli.folder, 'sample');
    await writeSampleRepository(sample);
  });

  afterEach(() => cli.dispose());

  const reportOf = (outcome: Outcome): ReviewReport => JSON.parse(outcome.stdout) as ReviewReport;
  const review = async (...args: readonly string[]): Promise<ReviewReport> =>
    reportOf(await cli.run(['review', sample, '--format', 'json', ...args]));

  it('is only what is new once there is a baseline, whatever moved', async () => {
    const first = await cli.run(['review', sample, '--update-baseline', '--format', 'json']);
    assert.match(first.stderr, /The baseline \.mcp-conductor\/baseline\.json has \d+ findings\./);
    assert.deepEqual(reportOf(first).findings, []);
    const again = await cli.run(['review', sample, '--format', 'json', '--fail-on', 'low']);
    assert.deepEqual([again.code, reportOf(again).findings, reportOf(again).actionItems], [0, [], []]);

    await writeFile(join(sample, 'src', 'new.js'), 'module.exports = (req) => eval(req.query.code);\n');
    const later = await cli.run(['review', sample, '--format', 'json', '--fail-on', 'high']);
    const { findings, baseline } = reportOf(later);
    assert.equal(later.code, 1);
    assert.deepEqual([...new Set(findings.map(({ file, state }) => `${file} ${state}`))], ['src/new.js new']);
    assert.ok((baseline?.known ?? 0) > 0);
    const severe = await review('--severity', 'high');
    const all = await review('--severity', 'high', '--all');
    assert.equal(all.findings.length, severe.findings.length + (severe.baseline?.known ?? 0));
  });

  it('holds known vulnerabilities only where it may go online, asked for where the user says', async () => {
    const stub = await OsvStub.start();
    try {
      stub.packages.set('PyPI/flask@0.12', [['GHSA-x']]);
      stub.vulnerabilities.set('GHSA-x', { id: 'GHSA-x', database_specific: { severity: 'HIGH' } });
      await writeFile(join(sample, 'requirements.txt'), 'flask==0.12\n');
      const config = join(cli.folder, 'config', 'mcp-conductor');
      await mkdir(config, { recursive: true });
      await writeFile(join(config, 'config.yaml'), `version: 1\nvulnerabilities:\n  url: ${stub.url}\n`);
      const known = ({ findings }: ReviewReport): readonly string[] =>
        findings.filter(({ ruleId }) => ruleId === 'dependency/known-vulnerability').map(({ file }) => file);
      assert.deepEqual([known(await review()), stub.requests], [[], []]);
      assert.deepEqual(known(await review('--online')), ['requirements.txt']);
      assert.ok(stub.requests.length >= 2);
    } finally {
      await stub.stop();
    }
  });

  it('lists what a comment suppresses apart, with its reason', async () => {
    await writeFile(
      join(sample, 'src', 'new.js'),
      '// conductor-ignore sast/* trusted input\nmodule.exports = (req) => eval(req.query.code);\n',
    );
    const { findings, suppressed } = await review();
    assert.ok(!findings.some(({ file }) => file === 'src/new.js'));
    assert.deepEqual(
      [...new Set(suppressed?.map(({ file, suppression }) => `${file} ${suppression?.reason}`))],
      ['src/new.js trusted input'],
    );
  });

  it('is only what changed, when that is asked for', async () => {
    const git = (...args: readonly string[]): void => {
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@host.internal', ...args], {
        cwd: sample,
        stdio: 'pipe',
      });
    };
    git('init', '-q', '-b', 'main');
    git('add', '.');
    git('commit', '-q', '-m', 'first');
    await appendFile(join(sample, 'src', 'new.js'), 'module.exports = (req) => eval(req.query.code);\n');
    const since = await review('--changed-since', 'main');
    assert.deepEqual([...new Set(since.findings.map(({ file }) => file))], ['src/new.js']);
    assert.ok((since.changedOnly?.elsewhere ?? 0) > 0);
    assert.deepEqual((await review('--staged')).findings, []);
    assert.equal((await cli.run(['review', sample, '--changed-since', 'nowhere'])).code, 2);
    assert.equal((await cli.run(['review', sample, '--changed-since', 'main', '--staged'])).code, 2);
  });

  it('is not decided by a baseline that is none', async () => {
    await writeFile(join(cli.folder, 'broken.json'), '{}');
    const outcome = await cli.run(['review', sample, '--baseline', 'broken.json']);
    assert.equal(outcome.code, 2);
    assert.match(outcome.stderr, /the baseline .*broken\.json: version: .*--update-baseline writes it anew/);
    assert.equal((await cli.run(['review', sample, '--baseline', 'missing.json'])).code, 2);
  });

  it('can be read by code scanning, and by whoever has a browser', async () => {
    const sarif = JSON.parse((await cli.run(['review', sample, '--format', 'sarif'])).stdout) as {
      readonly runs: readonly { readonly results: readonly { readonly partialFingerprints: object }[] }[];
    };
    assert.equal(sarif.runs[0]?.results.length, (await review()).findings.length);
    await cli.run(['review', sample, '--format', 'html', '--output', 'report.html']);
    assert.match(await readFile(join(cli.folder, 'report.html'), 'utf8'), /^<!doctype html>[\s\S]*<\/html>\n$/);
  });
});
