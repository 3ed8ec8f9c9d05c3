/** Child processes on this system: what cannot be started is named, and what was started is ended with all it left. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ChildHandle, ProcessHost } from '../../src/contracts/server.ts';
import { createProcessHost } from '../../src/node/process-host.ts';
import { eventually, isAlive, WATCHDOG_SCRIPT } from '../fixtures/fake-server/directory.ts';

const ORPHAN = `
  const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
  console.log(child.pid);
  setTimeout(() => process.exit(0), 50);
`;

describe('the process host', () => {
  let host: ProcessHost & { readonly watchdogPid: number | undefined };
  let problems: string[];
  beforeEach(() => {
    problems = [];
    host = createProcessHost({
      watchdogScript: WATCHDOG_SCRIPT,
      endGraceMs: 200,
      termGraceMs: 300,
      onProblem: (message) => problems.push(message),
    });
  });
  afterEach(() => host.dispose());

  const node = (program: string, env: Record<string, string> = {}): Promise<ChildHandle> =>
    host.spawn({ command: process.execPath, args: ['-e', program], env });

  async function firstLine(child: ChildHandle): Promise<string> {
    const [chunk] = (await once(child.stdout as NodeJS.EventEmitter, 'data')) as [Buffer];
    return String(chunk).trim();
  }

  it('starts an absolute command with an empty environment, and gives the child nothing else', async () => {
    const child = await node('console.log(JSON.stringify(process.env))');
    assert.deepEqual(JSON.parse(await firstLine(child)), {});
    assert.deepEqual(await child.exited, { code: 0, signal: null });
  });

  it('names what cannot be started', async () => {
    const spawn = (command: string, env = {}, cwd?: string) => host.spawn({ command, args: [], env, cwd });
    await assert.rejects(spawn('nothing'), {
      code: 'SERVER_START_FAILED',
      message: /"nothing": PATH is empty, so the command must be an absolute path/,
    });
    await assert.rejects(spawn('/no/such/program'), { message: /"\/no\/such\/program": there is no such file/ });
    await assert.rejects(spawn(fileURLToPath(import.meta.url)), { message: /it is not executable/ });
    await assert.rejects(spawn('ls', {}, '/no/folder'), { message: /its working folder \/no\/folder does not exist/ });
    await assert.rejects(spawn('a\0b'), { code: 'SERVER_START_FAILED' });
  });

  it('lets a child that leaves at end-of-file leave by itself', async () => {
    const child = await node('process.stdin.resume().on("end", () => process.exit(5))');
    await child.stop();
    assert.deepEqual(await child.exited, { code: 5, signal: null });
  });

  it('ends what a crashed child left behind', async () => {
    const child = await node(ORPHAN);
    const orphan = Number(await firstLine(child));
    assert.equal(isAlive(orphan), true);
    await child.exited;
    await eventually('the orphan is gone', () => !isAlive(orphan));
  });

  it('replaces a watchdog that was killed, and says so', async () => {
    await node('process.stdin.resume()');
    const first = host.watchdogPid ?? 0;
    process.kill(first, 'SIGKILL');
    await eventually('another watchdog', () => host.watchdogPid !== undefined && host.watchdogPid !== first);
    assert.match(problems[0] ?? '', /the watchdog of server processes exited \(SIGKILL\)/);
  });

  it('ends everything when it is disposed, the watchdog too', async () => {
    const children = await Promise.all([
      node('setInterval(() => 0, 1000)'),
      node('process.on("SIGTERM", () => 0); setInterval(() => 0, 1000)'),
    ]);
    const watchdog = host.watchdogPid ?? 0;
    await host.dispose();
    assert.deepEqual(
      children.map((child) => isAlive(child.pid)),
      [false, false],
    );
    await eventually('the watchdog is gone', () => !isAlive(watchdog));
    await assert.rejects(node('0'), { code: 'CANCELLED' });
  });
});
