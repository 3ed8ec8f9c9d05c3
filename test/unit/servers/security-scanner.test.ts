/** The security-scanner server as a client meets it: a real process on stdio, started from source. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { OsvStub } from '../../fixtures/osv-stub.ts';
import type { ScanRepositoryResult } from '../../../src/contracts/index.ts';

const MAIN = fileURLToPath(new URL('../../../src/servers/security-scanner/main.ts', import.meta.url));
const SECRET = ['q7Rk2Zt9Lm4', 'Xw8Vb3Np6Yc1'].join('');

const FILES: Readonly<Record<string, string>> = {
  'src/run.py': 'import os\ndef ping(host):\n    os.system("ping " + host)\n',
  'src/app.js': "app.get('/', (req, res) => {\n  db.query(`SELECT * FROM t WHERE id = ${req.query.id}`);\n});\n",
  'src/A.java':
    'class A { Object a(String n) throws Exception {\n  return Runtime.getRuntime().exec("ls " + n);\n} }\n',
  'settings.ini': `api_key = ${SECRET}\n`,
  'package.json': '{\n  "private": true,\n  "dependencies": { "left": "*" }\n}\n',
  'requirements.txt': 'flask\n',
  'noise.bin': '\0\0\0password=abc\0',
  'tests/big.min.js': `var a=1;${'x=eval(y);'.repeat(60_000)}`,
};

describe('the security-scanner server', function () {
  // A process is started and worker threads load grammars; on a busy machine that takes a while.
  this.timeout(60_000);
  let root: string;
  let client: Client;

  before(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'scanner-')));
    for (const [file, text] of Object.entries(FILES)) {
      await mkdir(dirname(join(root, file)), { recursive: true });
      await writeFile(join(root, file), text);
    }
    client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
    await client.connect(
      new StdioClientTransport({ command: process.execPath, args: [MAIN, '--root', root], stderr: 'inherit' }),
    );
  });

  after(async () => {
    await client.close();
    await rm(root, { recursive: true, force: true });
  });

  const scan = async (args: Record<string, unknown> = {}): Promise<ScanRepositoryResult> => {
    const reply = await client.callTool({ name: 'scan_repository', arguments: args });
    assert.notEqual(reply.isError, true, JSON.stringify(reply.content));
    return reply.structuredContent as unknown as ScanRepositoryResult;
  };

  it('finds what is wrong in every kind of file, in a fixed order', async () => {
    const result = await scan();
    assert.deepEqual(
      result.findings.map((one) => `${one.file}:${one.startLine} ${one.ruleId}`),
      [
        'package.json:3 dependency/missing-lockfile',
        'package.json:3 dependency/unpinned',
        'requirements.txt:1 dependency/unpinned',
        'settings.ini:1 secret/key',
        'src/A.java:2 sast/command-injection',
        'src/app.js:2 sast/sql-injection',
        'src/run.py:3 sast/command-injection',
      ],
    );
    assert.deepEqual(result.skipped, []);
    assert.deepEqual(
      result.dependencies?.map((one) => `${one.ecosystem} ${one.name}`),
      ['PyPI flask', 'npm left'],
    );
    assert.deepEqual(await scan(), result);
  });

  it('repeats no secret, neither in the structure nor in the text', async () => {
    const reply = await client.callTool({ name: 'scan_repository', arguments: { severity_threshold: 'low' } });
    assert.match(JSON.stringify(reply), /q7Rk…/);
    assert.ok(!JSON.stringify(reply).includes(SECRET.slice(0, 5)));
  });

  it('does only what it is asked for', async () => {
    const sast = await scan({ scan_types: ['sast'] });
    assert.equal(sast.dependencies, undefined);
    assert.deepEqual([...new Set(sast.findings.map((one) => one.kind))], ['sast']);
    const dependencies = await scan({ scan_types: ['dependencies'], severity_threshold: 'critical' });
    assert.deepEqual(dependencies.findings, []);
    assert.equal(dependencies.dependencies?.length, 2);
  });

  it('reports progress that grows', async () => {
    const seen: { progress: number; total?: number | undefined }[] = [];
    await client.callTool(
      { name: 'scan_repository', arguments: {} },
      { onprogress: (progress) => seen.push(progress) },
    );
    assert.ok(seen.length > 0);
    assert.deepEqual(
      seen.map((one) => one.progress),
      [...new Set(seen.map((one) => one.progress))].sort((a, b) => a - b),
    );
    assert.equal(seen.at(-1)?.total, 2 * Object.keys(FILES).length + 1);
  });

  it('stops when it is cancelled, and answers the next call', async () => {
    const controller = new AbortController();
    const call = client.callTool({ name: 'scan_repository', arguments: {} }, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await assert.rejects(call);
    assert.equal((await scan({ scan_types: ['secrets'] })).findings.length, 1);
  });

  it('asks nobody about packages unless it may, and then tells what is known of them', async () => {
    const stub = await OsvStub.start();
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'scanner-online-')));
    const online = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
    try {
      stub.packages.set('PyPI/flask@0.12', [['GHSA-x']]);
      stub.vulnerabilities.set('GHSA-x', { id: 'GHSA-x', database_specific: { severity: 'HIGH' } });
      await writeFile(join(folder, 'requirements.txt'), 'flask==0.12\n');
      const args = [MAIN, '--root', folder, '--osv-url', stub.url, '--cache', join(folder, '.cache')];
      await online.connect(new StdioClientTransport({ command: process.execPath, args, stderr: 'inherit' }));
      const call = async (more: Record<string, unknown>): Promise<ScanRepositoryResult> => {
        const reply = await online.callTool({
          name: 'scan_repository',
          arguments: { scan_types: ['dependencies'], ...more },
        });
        return reply.structuredContent as unknown as ScanRepositoryResult;
      };
      const offline = await call({});
      assert.deepEqual([offline.findings, offline.lookedUp, stub.requests], [[], undefined, []]);
      const asked = await call({ online: true });
      assert.deepEqual(
        asked.findings.map(({ ruleId, severity, file, startLine }) => `${severity} ${ruleId} ${file}:${startLine}`),
        ['high dependency/known-vulnerability requirements.txt:1'],
      );
      assert.deepEqual([asked.lookedUp, asked.dependencies?.[0]?.problems], [1, ['GHSA-x']]);
      assert.deepEqual(await call({ online: true }), asked);
      assert.equal(stub.requests.length, 2);
      await rm(join(folder, '.cache'), { recursive: true });
      stub.faults.push({ status: 403 });
      const refused = await call({ online: true });
      assert.deepEqual(refused.findings, []);
      assert.match(refused.skipped[0]?.reason ?? '', /^known vulnerabilities: flask 0\.12 .*HTTP 403/);
    } finally {
      await online.close();
      await stub.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('stays inside its root and says so', async () => {
    const reply = await client.callTool({ name: 'scan_repository', arguments: { path: '/' } });
    assert.equal(reply.isError, true);
    assert.match(JSON.stringify(reply.content), /outside this server's roots/);
  });

  it('offers its rules as a resource and a review as a prompt', async () => {
    const { contents } = await client.readResource({ uri: 'conductor://security-scanner/rules' });
    const text = contents[0] !== undefined && 'text' in contents[0] ? contents[0].text : '[]';
    const rules = JSON.parse(String(text)) as { id: string; cwe?: string; rationale: string }[];
    assert.ok(rules.length > 20);
    assert.equal(rules.find((rule) => rule.id === 'sast/sql-injection')?.cwe, 'CWE-89');
    const prompt = await client.getPrompt({ name: 'security_review', arguments: { path: '/x' } });
    assert.match(JSON.stringify(prompt.messages), /scan_repository/);
  });
});
