/** `tools call --batch` as a person uses it: the command from source, over a real server process. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FakeServer, fakeServerDefinition } from '../../fixtures/fake-server/index.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('tools call --batch', function () {
  this.timeout(60_000);
  let folder: string;
  let fake: FakeServer;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'conductor-batch-'));
    fake = fakeServerDefinition('search', {
      tools: {
        slow: { reply: { text: 'first, though slow' }, latencyMs: 150 },
        quick: { reply: { structuredContent: { hits: 2 } } },
        broken: { reply: { text: 'no such paper', isError: true } },
      },
    });
    const servers = { search: fake.definition.launch };
    await writeFile(join(folder, 'mcp.json'), JSON.stringify({ servers }));
  });
  after(async () => {
    await fake.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  async function run(batch: readonly unknown[], ...more: readonly string[]): Promise<Outcome> {
    await writeFile(join(folder, 'calls.jsonl'), batch.map((call) => JSON.stringify(call)).join('\n'));
    const options = ['--batch', 'calls.jsonl', '--config', 'mcp.json', '--state', join(folder, 'state')];
    const child = spawn(process.execPath, [MAIN, 'tools', 'call', ...options, ...more], {
      cwd: folder,
      env: { ...process.env, XDG_CONFIG_HOME: join(folder, 'config') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
    const code = await new Promise<number | null>((done) => child.once('close', done));
    return { code, ...said };
  }

  it('prints results in order and errors in place, and exits with 1', async () => {
    const calls = ['slow', 'broken', 'missing', 'quick'].map((tool) => ({ server: 'search', tool }));
    const { code, stdout, stderr } = await run(calls);
    assert.equal(code, 1, stderr);
    assert.match(
      stdout,
      /^1\. ✓ search\.slow\nfirst, though slow\n2\. ✗ search\.broken\nno such paper\n3\. ✗ search\.missing: .*no tool "missing".* \[TOOL_NOT_FOUND\]\n4\. ✓ search\.quick\n\{"hits":2\}\n$/,
    );
  });

  it('has a stable, versioned JSON, and exits with 0 when all went well', async () => {
    const { code, stdout, stderr } = await run([{ server: 'search', tool: 'quick', args: {} }], '--json');
    assert.equal(code, 0, stderr);
    const { version, results } = JSON.parse(stdout) as { version: number; results: Record<string, unknown>[] };
    assert.equal(version, 1);
    assert.deepEqual(
      results.map(({ server, tool, status, structuredContent }) => ({ server, tool, status, structuredContent })),
      [{ server: 'search', tool: 'quick', status: 'ok', structuredContent: { hits: 2 } }],
    );
  });

  it('makes no call when the file names a server that there is not', async () => {
    const before = fake.calls().length;
    const { code, stderr } = await run([
      { server: 'search', tool: 'quick' },
      { server: 'serach', tool: 'quick' },
    ]);
    assert.equal(code, 2);
    assert.match(stderr, /calls\.jsonl:2: there is no server "serach"; there are .*search/);
    assert.equal(fake.calls().length, before);
  });

  it('refuses a name beside the file', async () => {
    const { code, stderr } = await run([{ server: 'search', tool: 'quick' }], 'search.quick');
    assert.equal(code, 2);
    assert.match(stderr, /--batch takes tools and arguments from its file/);
  });
});
