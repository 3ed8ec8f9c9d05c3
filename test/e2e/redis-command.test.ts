/** Two machines, each with files of its own, that share a Redis: by the command line, against a real Redis. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fakeServerDefinition, type FakeServer } from '../fixtures/fake-server/index.ts';
import { eventually } from '../fixtures/fake-server/directory.ts';
import { CommandLine, type Outcome } from '../harness/command-line.ts';
import { startRedis, type TestRedis } from '../harness/redis.ts';

const PASSWORD = 'p4ssw0rd-of-redis';

describe('machines that share a Redis', function () {
  this.timeout(60_000);
  let redis: TestRedis;
  let machines: readonly [CommandLine, CommandLine];
  let server: FakeServer;

  beforeEach(async () => {
    redis = await startRedis(['--requirepass', PASSWORD]);
    server = fakeServerDefinition('shop', {
      tools: {
        order: { reply: { text: 'ordered' }, latencyMs: 1_000 },
        price: { reply: { text: '7' } },
        ping: { reply: { text: 'pong' } },
        stock: { reply: { text: '3' }, latencyMs: 700 },
      },
    });
    machines = [await CommandLine.open(), await CommandLine.open()];
    for (const machine of machines) {
      const folder = join(machine.folder, 'config', 'mcp-conductor');
      await mkdir(folder, { recursive: true });
      const yaml = [
        'version: 1',
        `redis: { url: '${redis.url}', password: '\${env:REDIS_PASSWORD}' }`,
        "permissions: [{ effect: allow, tools: '*.*' }]",
        'tools:',
        '  shop.price: { cache: 1h }',
        '  shop.stock: { cache: 1h }',
        '  shop.ping: { rateLimit: { perSecond: 4, burst: 1 } }',
      ];
      await writeFile(join(folder, 'config.yaml'), `${yaml.join('\n')}\n`);
      await writeFile(
        join(machine.folder, 'shop.json'),
        JSON.stringify({ servers: { shop: server.definition.launch } }),
      );
      for (const tool of ['ping', 'stock']) {
        const calls = Array.from({ length: tool === 'ping' ? 8 : 12 }, (_, index) => ({
          server: 'shop',
          tool,
          args: { index },
        }));
        await writeFile(join(machine.folder, `${tool}.json`), JSON.stringify(calls));
      }
    }
  });

  afterEach(async () => {
    redis.resume();
    await redis.dispose();
    await server.dispose();
    for (const machine of machines) await machine.dispose();
  });

  const run = (machine: CommandLine, ...args: readonly string[]): Promise<Outcome> =>
    machine.run(['tools', 'call', ...args, '--config', 'shop.json'], { env: { REDIS_PASSWORD: PASSWORD } });
  const both = (...args: readonly string[]): Promise<readonly Outcome[]> =>
    Promise.all(machines.map((machine) => run(machine, ...args)));
  const calls = (): readonly number[] => server.calls().map(({ timestamp }) => timestamp);

  it('make a call with the same key once, at the same time and later, and answer it alike', async () => {
    const outcomes = [
      ...(await both('shop.order', '--idempotency-key', 'order-1')),
      ...(await both('shop.order', '--idempotency-key', 'order-1')),
    ];
    for (const outcome of outcomes) assert.deepEqual(outcome, { code: 0, stdout: 'ordered\n', stderr: '' });
    assert.equal(calls().length, 1);
  });

  it('answer what one of them has asked already', async () => {
    const [a, b] = machines;
    for (const machine of [a, b]) assert.equal((await run(machine, 'shop.price')).stdout, '7\n');
    assert.equal(calls().length, 1);
  });

  it('keep one limit together', async () => {
    for (const { code, stderr } of await both('--batch', 'ping.json')) assert.deepEqual([code, stderr], [0, '']);
    const times = [...calls()].sort((one, other) => one - other);
    assert.equal(times.length, 16);
    // The first ones may come together, having waited for the server to start. The others keep 4 a second, not 8.
    const tookMs = (times[15] ?? 0) - (times[8] ?? 0);
    assert.ok(tookMs >= 1_500, `the last eight within ${tookMs} ms`);
  });

  for (const [what, harm] of [
    ['is killed', (): Promise<void> => redis.kill()],
    ['hangs', async (): Promise<void> => redis.pause()],
  ] as const) {
    it(`go on when it ${what} in the middle, tell of it without its password, and make no call of unknown fate`, async () => {
      const [a] = machines;
      const batch = run(a, '--batch', 'stock.json');
      await eventually('some calls are made', () => calls().length >= 3);
      await harm();
      const { code, stdout, stderr } = await batch;
      assert.equal(code, 0, stderr);
      // Ten at a time, so that some begin after that.
      assert.equal(stdout.match(/✓/g)?.length, 12);
      assert.match(stderr, /Redis cannot be reached/);
      assert.equal(stderr.match(/Redis cannot be reached/g)?.length, 1);
      assert.ok(!stderr.includes(PASSWORD));
      const before = calls().length;
      const refused = await run(a, 'shop.order', '--idempotency-key', 'order-2');
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, /it cannot be known whether shop\.order was called already/);
      assert.equal(calls().length, before);
    });
  }
});
