/** Nothing is left behind: servers that are stopped, servers that resist, and a host that is killed over them. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createTestDirectory, eventually, isAlive, type TestDirectory } from '../fixtures/fake-server/directory.ts';
import { type FakeServer, fakeServerDefinition } from '../fixtures/fake-server/index.ts';

const HOST = fileURLToPath(new URL('../fixtures/fake-server/host.ts', import.meta.url));
const never = new AbortController().signal;

describe('a server that is told to stop', () => {
  let test: TestDirectory;
  before(() => {
    test = createTestDirectory([
      fakeServerDefinition('mute', { fault: 'mute', tools: {} }),
      fakeServerDefinition('stubborn', { ignoresEof: true, ignoresSigterm: true, tools: {} }),
      fakeServerDefinition('busy', { tools: { ok: { reply: { text: 'fine' } } } }),
    ]);
  });
  after(() => test.dispose());

  function processOf(id: string): number | undefined {
    const lines = test.lines.filter((line) => line.server === id);
    const found = lines.map((line) => /^started process (\d+)/.exec(line.text)?.[1]).find((pid) => pid !== undefined);
    return found === undefined ? undefined : Number(found);
  }

  it('while it is starting: the start ends, and the process with it', async () => {
    const starting = test.servers.start('mute', never);
    starting.catch(() => undefined);
    await eventually('the process is there', () => processOf('mute') !== undefined);
    await test.servers.stop('mute');
    await assert.rejects(starting, { code: 'CANCELLED', message: 'server "mute" was stopped while it was starting' });
    assert.deepEqual(test.servers.get('mute')?.state, { status: 'stopped' });
    assert.equal(isAlive(processOf('mute') ?? 0), false);
  });

  it('although it ignores end-of-file and SIGTERM: it is killed', async () => {
    await test.servers.start('stubborn', never);
    await test.servers.stop('stubborn');
    assert.equal(isAlive(processOf('stubborn') ?? 0), false);
    assert.deepEqual(test.servers.get('stubborn')?.state, { status: 'stopped' });
  });

  it('is one process however many ask for it at once', async () => {
    await Promise.all(Array.from({ length: 5 }, () => test.callTool('busy', 'ok')));
    const started = test.lines.filter((line) => line.server === 'busy' && line.text.startsWith('started process'));
    assert.equal(started.length, 1);
  });
});

describe('a host that is killed over a server that ignores end-of-file and SIGTERM', () => {
  let folder: string;
  let fake: FakeServer;
  let pidFile: string;
  let processes: readonly number[];

  beforeEach(() => {
    processes = [];
    folder = mkdtempSync(join(tmpdir(), 'fake-host-'));
    pidFile = join(folder, 'grandchild');
    fake = fakeServerDefinition('stubborn', {
      ignoresEof: true,
      ignoresSigterm: true,
      grandchildPidFile: pidFile,
      tools: {},
    });
    writeFileSync(join(folder, 'definition.json'), JSON.stringify(fake.definition));
  });
  afterEach(async () => {
    // When the test fails, they are still there.
    for (const pid of processes.filter(isAlive)) process.kill(pid, 'SIGKILL');
    await fake.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  it('leaves neither the server nor what it started, and no watchdog', async () => {
    const host = spawn(process.execPath, [HOST, join(folder, 'definition.json')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface({ input: host.stdout }), 'line')) as [string];
    const { server, watchdog } = JSON.parse(line) as { server: number; watchdog: number };
    await eventually('the grandchild is there', () => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '');
    const grandchild = Number(readFileSync(pidFile, 'utf8'));
    processes = [server, grandchild, watchdog];
    assert.deepEqual(processes.map(isAlive), [true, true, true]);
    host.kill('SIGKILL');
    await once(host, 'exit');
    await eventually('the server, its child and the watchdog are gone', () => !processes.some(isAlive), 6_000);
  });
});
