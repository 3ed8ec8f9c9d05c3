/** `mcp-conductor review` as a newcomer runs it, on the built product with the bundled servers. */
import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReviewReport } from '../../src/contracts/index.ts';
import { writeSampleRepository } from '../fixtures/sample-repository.ts';
import { CommandLine, type Outcome } from '../harness/command-line.ts';

describe('the review command', function () {
  this.timeout(60_000);
  let cli: CommandLine;
  let sample: string;

  beforeEach(async () => {
    cli = await CommandLine.open();
    sample = join(cli.folder, 'sample');
    await writeSampleRepository(sample);
  });

  afterEach(() => cli.dispose());

  const reportOf = (outcome: Outcome): ReviewReport => JSON.parse(outcome.stdout) as ReviewReport;

  it('finds what was planted in every phase, and exits with 0', async () => {
    const outcome = await cli.run(['review', sample, '--format', 'json']);
    const report = reportOf(outcome);
    assert.deepEqual([outcome.code, report.complete, report.problems], [0, true, []]);
    assert.deepEqual(new Set(report.steps.map((step) => step.status)), new Set(['succeeded']));
    const kinds = new Set(report.findings.map((finding) => finding.kind));
    for (const kind of ['complexity', 'secret', 'sast', 'dependency', 'docs'] as const)
      assert.ok(kinds.has(kind), `no finding of kind ${kind}`);
    assert.ok(report.metrics.functions.some((metric) => metric.name === 'decide' && metric.cyclomatic > 15));
    assert.ok(report.recommendations.length > 0 && report.actionItems.length > 0);
    assert.equal(report.documentation?.links.dead, 1);
    assert.ok(!outcome.stdout.includes('q7Rk2Zt9Lm4Xw8Vb3Np6Yc1'), 'a secret is repeated in full');
  });

  it('finds the same in the same order when it is run again', async () => {
    const stable = ({
      findings,
      metrics,
      dependencies,
      documentation,
      recommendations,
      actionItems,
    }: ReviewReport) => ({
      findings,
      metrics,
      dependencies,
      documentation,
      recommendations,
      actionItems,
    });
    const first = stable(reportOf(await cli.run(['review', sample, '--format', 'json'])));
    assert.deepEqual(stable(reportOf(await cli.run(['review', sample, '--format', 'json']))), first);
  });

  it('prints Markdown by default, with progress on stderr only', async () => {
    const outcome = await cli.run(['review', sample]);
    assert.match(outcome.stdout, /^# Review of .*sample\n/);
    assert.match(outcome.stdout, /## Action items\n\n1\. \*\*/);
    assert.match(outcome.stderr, /✓ Security scan \(/);
  });

  it('exits with 1 when there is a finding at or over --fail-on', async () => {
    assert.equal((await cli.run(['review', sample, '--fail-on', 'high'])).code, 1);
  });

  it('writes the report into a file and says where', async () => {
    const outcome = await cli.run(['review', sample, '--format', 'json', '--output', 'report.json']);
    assert.equal(outcome.stdout, '');
    assert.match(outcome.stderr, /The report is in .*report\.json/);
    assert.equal((JSON.parse(await readFile(join(cli.folder, 'report.json'), 'utf8')) as ReviewReport).version, 1);
  });

  it('says that a path is missing, and exits with 2', async () => {
    const outcome = await cli.run(['review', 'nowhere']);
    assert.equal(outcome.code, 2);
    assert.match(outcome.stderr, /there is no folder .*nowhere/);
    assert.equal((await cli.run(['review', join(sample, 'README.md')])).code, 2);
    assert.equal((await cli.run(['review', sample, '--severity', 'awful'])).code, 2);
  });

  it('works with an empty PATH', async () => {
    assert.equal((await cli.run(['review', sample], { env: { PATH: '' } })).code, 0);
  });

  it('starts none of the servers that the repository defines', async () => {
    const outcome = await cli.run(['servers', '--json'], { cwd: sample });
    assert.deepEqual(
      (JSON.parse(outcome.stdout) as { servers: { id: string }[] }).servers.map(({ id }) => id),
      ['code-analysis', 'security-scanner'],
    );
  });

  it('names a place it could not read, keeps the rest, and exits with 1', async () => {
    const locked = join(sample, 'src', 'locked.py');
    await writeFile(locked, 'x = 1\n');
    await chmod(locked, 0);
    const outcome = await cli.run(['review', sample, '--format', 'json'], { ordinaryPermissions: true });
    const report = reportOf(outcome);
    assert.deepEqual([outcome.code, report.complete], [1, false]);
    assert.match(report.problems.join('\n'), /src\/locked\.py: .*(permission|read)/i);
    assert.ok(report.findings.length > 0);
  });

  it("points a step at a server of the user's own, and says when that one fails", async () => {
    await mkdir(join(cli.folder, 'config', 'mcp-conductor'), { recursive: true });
    await writeFile(
      join(cli.folder, 'config', 'mcp-conductor', 'config.yaml'),
      'version: 1\npipelines:\n  review:\n    security: mine.scan\n',
    );
    await writeFile(
      join(cli.folder, 'mine.json'),
      JSON.stringify({ servers: { mine: { command: process.execPath, args: ['-e', 'process.exit(3)'] } } }),
    );
    const outcome = await cli.run(['review', sample, '--format', 'json', '--config', 'mine.json']);
    const report = reportOf(outcome);
    assert.deepEqual([outcome.code, report.complete], [1, false]);
    assert.match(
      report.problems.join('\n'),
      /^Security scan \(mine\.scan\): server "mine" could not be started: it exited with code 3/m,
    );
    assert.deepEqual(
      report.steps.filter((step) => step.status !== 'succeeded').map((step) => step.id),
      ['security'],
    );
    assert.ok(report.recommendations.length > 0);
  });

  it('refuses a URL that carries a password', async () => {
    const outcome = await cli.run(['review', 'https://ann:hunter2@localhost/x.git']);
    assert.equal(outcome.code, 2);
    assert.doesNotMatch(outcome.stderr + outcome.stdout, /hunter2/);
  });

  it('stops on Ctrl-C with 130', async () => {
    const outcome = await cli.run(['review', sample, '--format', 'json'], { interruptAfterMs: 400 });
    assert.equal(outcome.code, 130);
  });

  it('looks for what is to fail the command, whatever is to be shown', async () => {
    assert.equal((await cli.run(['review', sample, '--severity', 'critical', '--fail-on', 'medium'])).code, 1);
  });

  it('says below which severity findings were left out', async () => {
    assert.match((await cli.run(['review', sample])).stdout, /\d+ medium \(below medium: left out\)\./);
    assert.match((await cli.run(['review', sample, '--severity', 'low'])).stdout, /\d+ medium, \d+ low\.\n/);
  });

  it('answers wrong use in one line with 2, before anything is done', async () => {
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [['review', sample, '--branch', 'main'], /--branch goes with a URL/],
      [['review', 'ftp://localhost/x.git'], /ftp:\/\/|URL/],
      [['review', 'file:///nowhere/at/all'], /there is no folder \/nowhere\/at\/all/],
      [['review', sample, '--output', 'missing/report.md'], /--output missing\/report\.md: there is no folder/],
      [['review', sample, '--config', 'missing.json'], /--config missing\.json: ENOENT/],
      [['review', 'https://localhost/x.git?token=s3cret'], /carries a password, a token or a query/],
      [['tools', 'call', 'code-analysis.nothing'], /nothing/],
    ];
    for (const [args, message] of wrong) {
      const { code, stdout, stderr } = await cli.run(args);
      assert.deepEqual([code, stdout], [2, ''], `${args.join(' ')}: ${stderr}`);
      assert.match(stderr, message);
      assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
    }
  });

  it('names the mistake in config.yaml when a step or its server does not exist', async () => {
    await mkdir(join(cli.folder, 'config', 'mcp-conductor'), { recursive: true });
    const config = join(cli.folder, 'config', 'mcp-conductor', 'config.yaml');
    await writeFile(config, 'version: 1\npipelines:\n  review:\n    bogus: code-analysis.list_files\n');
    const bogus = await cli.run(['review', sample]);
    assert.deepEqual([bogus.code, bogus.stdout], [2, '']);
    assert.match(bogus.stderr, /pipelines\.review\.bogus: there is no such step; there are retrieve, /);
    await writeFile(config, 'version: 1\npipelines:\n  review:\n    static: nosuch.tool\n');
    assert.match((await cli.run(['review', sample])).stderr, /there is no server "nosuch"/);
  });
});
