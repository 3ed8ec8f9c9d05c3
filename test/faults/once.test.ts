/** A call happens once though several processes ask for it, and though the one that makes it is killed. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { eventually } from '../fixtures/fake-server/directory.ts';
import { startRedis, type TestRedis } from '../harness/redis.ts';

const MAIN = fileURLToPath(new URL('../fixtures/once-process.ts', import.meta.url));

describe('a call that several processes ask for', () => {
  let folder: string;
  let redis: TestRedis;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'once-'));
    redis = await startRedis();
  });
  after(async () => {
    await redis.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = (place: string, key: string, file: string, ms: number, policy = '') => {
    const child = spawn(process.execPath, [MAIN, place, key, file, String(ms), policy], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return { child, reply: text(child.stdout) };
  };
  const made = (file: string): readonly string[] => {
    try {
      return readFileSync(file, 'utf8').trim().split('\n');
    } catch {
      return [];
    }
  };

  for (const [name, placeOf] of [
    ['on disk', () => join(folder, 'store')],
    ['in Redis', () => redis.url],
  ] as const) {
    it(`happens once when the claim is kept ${name}, and is replayed to a later process`, async () => {
      const file = join(folder, `once ${name}`);
      // Longer than the lease, so that it has to be renewed.
      const asked = [1, 2, 3].map(() => ask(placeOf(), 'k1', file, 2_500));
      const replies = await Promise.all(asked.map(({ reply }) => reply));
      replies.push(await ask(placeOf(), 'k1', file, 0).reply);
      assert.equal(made(file).length, 1);
      assert.equal(new Set(replies).size, 1);
      assert.match(replies[0] ?? '', /made by/);
    });

    it(`is made again after its process was killed only where policy allows it, with the claim ${name}`, async () => {
      const file = join(folder, `killed ${name}`);
      const first = ask(placeOf(), 'k2', file, 60_000);
      await eventually('the first call is under way', () => made(file).length === 1);
      const careful = ask(placeOf(), 'k2', file, 0);
      first.child.kill('SIGKILL');
      await once(first.child, 'exit');
      assert.match(await careful.reply, /cannot be known whether fake\.echo was called already: an earlier attempt/);
      assert.equal(made(file).length, 1);
      const second = ask(placeOf(), 'k2', file, 0, 'idempotent');
      assert.match(await second.reply, new RegExp(`made by ${second.child.pid}`));
      assert.equal(made(file).length, 2);
    });
  }
});
