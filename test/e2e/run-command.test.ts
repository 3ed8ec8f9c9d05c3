/** `mcp-conductor run` and `runs` as a newcomer uses them, on the built product with the bundled servers. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSampleRepository } from '../fixtures/sample-repository.ts';
import { CommandLine } from '../harness/command-line.ts';
import { root } from '../harness/paths.ts';

const EXAMPLE = join(root, 'media/examples/languages.workflow.yaml');

describe('the run command', function () {
  this.timeout(60_000);
  let cli: CommandLine;
  let sample: string;

  beforeEach(async () => {
    cli = await CommandLine.open();
    sample = join(cli.folder, 'sample');
    await writeSampleRepository(sample);
  });

  afterEach(() => cli.dispose());

  const workflow = async (name: string, steps: string): Promise<string> => {
    const file = join(cli.folder, `${name}.workflow.yaml`);
    await writeFile(file, `name: ${name}\nversion: 1\nsteps:\n${steps}`);
    return file;
  };

  it('runs a file with inputs, prints its outputs, and remembers the run', async () => {
    const outcome = await cli.run(['run', EXAMPLE, '--input', `path=${sample}`, '--json']);
    const shown = JSON.parse(outcome.stdout);
    assert.deepEqual([outcome.code, shown.version, shown.complete, shown.status], [0, 1, true, 'succeeded']);
    const languages: readonly { readonly language: string }[] = shown.outputs.languages;
    assert.ok(languages.some(({ language }) => language === 'javascript'));
    assert.match(outcome.stderr, /✓ documents/);

    const listed = JSON.parse((await cli.run(['runs', 'list', '--json'])).stdout);
    assert.deepEqual([listed.runs.length, listed.runs[0].runId], [1, shown.runId]);
    const again = await cli.run(['runs', 'show', shown.runId.slice(0, 10)]);
    assert.match(again.stdout, /^Languages of a folder: succeeded\n/);
    assert.match(again.stdout, /\nfiles +succeeded +[\d.]+ s +code-analysis\.list_files\n/);
  });

  it('asks the tools that mean an intent, and shows why', async () => {
    const file = join(root, 'media/examples/ask-several.workflow.yaml');
    const outcome = await cli.run(['run', file, '--input', `path=${sample}`, '--json']);
    const shown = JSON.parse(outcome.stdout);
    assert.deepEqual([outcome.code, shown.status], [0, 'succeeded']);
    assert.deepEqual(shown.outputs.sources.map(({ source }: { readonly source: string }) => source).toSorted(), [
      'code-analysis.analyze_repository',
      'security-scanner.scan_repository',
    ]);
    assert.equal(shown.outputs.findings.length, 10);
    const again = await cli.run(['runs', 'show', shown.runId]);
    assert.match(again.stdout, /succeeded +[\d.]+ s +security-scanner\.scan_repository +speaks of .*repository/);
  });

  it('says with --dry-run what it would call, and calls nothing', async () => {
    const outcome = await cli.run(['run', EXAMPLE, '--dry-run']);
    assert.equal(outcome.code, 0);
    assert.match(outcome.stdout, /3 steps\. Nothing was called\./);
    assert.match(outcome.stdout, /documents +call +code-analysis\.analyze_documentation +files/);
    assert.match((await cli.run(['runs', 'list'])).stdout, /No runs of this folder/);
  });

  it('names every mistake of a file at its line, and exits with 2', async () => {
    const file = await workflow('wrong', '  a:\n    call: nobody.does\n  b:\n    transform: ${{ steps.c }}\n');
    const outcome = await cli.run(['run', file]);
    assert.equal(outcome.code, 2);
    assert.match(outcome.stderr, /^\S*wrong\.workflow\.yaml:5:11: error: there is no server "nobody"/m);
    assert.match(outcome.stderr, /^\S*wrong\.workflow\.yaml:7:\d+: error: there is no step "c"/m);
  });

  it('names what is wrong with the inputs, and exits with 2', async () => {
    const outcome = await cli.run(['run', EXAMPLE, '--input', 'pat=x']);
    assert.equal(outcome.code, 2);
    assert.match(outcome.stderr, /there is no input "pat"; there are path; input "path" \(string\) is missing/);
    assert.equal((await cli.run(['run', EXAMPLE, '--input', 'path'])).code, 2);
    assert.equal((await cli.run(['run', 'nowhere.workflow.yaml'])).code, 2);
  });

  it('exits with 1 when a step fails, and says which and why', async () => {
    const file = await workflow(
      'fails',
      '  a:\n    call: code-analysis.list_files\n    with: { path: /nowhere/at/all }\n',
    );
    const outcome = await cli.run(['run', file]);
    assert.equal(outcome.code, 1);
    assert.match(outcome.stderr, /✗ a: /);
    assert.match(outcome.stdout, /^The run failed: .*\/nowhere\/at\/all/);
  });
});
