/** When a call is answered from memory, when from the shared tier, and when it must be asked. */
import assert from 'node:assert/strict';
import type { Call, CallRecord, Reply, ToolPolicy } from '../../../src/contracts/index.ts';
import { cache, type CacheOptions, type CallIdentity } from '../../../src/middleware/cache.ts';
import { textReply, toolCall } from '../../fixtures/calls.ts';
import { MemorySharedCache } from '../../fixtures/memory-shared-cache.ts';
import { settle, VirtualClock } from '../../fixtures/virtual-clock.ts';

const POLICY: ToolPolicy = { idempotent: true, audit: 'normal', affectedSystems: [], cacheTtlMs: 10_000 };
const IDENTITY: CallIdentity = { serverIdentity: 'id', definitionHash: 'def' };

interface Setup {
  readonly ask: (change?: Parameters<typeof toolCall>[0]) => Promise<Reply>;
  /** Calls that reached the server. */
  readonly asked: Call[];
  readonly clock: VirtualClock;
  readonly problems: string[];
}

function setup(change: Partial<CacheOptions> = {}, terminal?: (call: Call, number: number) => Promise<Reply>): Setup {
  const clock = new VirtualClock();
  const asked: Call[] = [];
  const problems: string[] = [];
  const layer = cache({
    clock,
    policyOf: () => POLICY,
    identify: () => IDENTITY,
    onProblem: (message) => problems.push(message),
    ...change,
  });
  const invoke = layer(async (call) => {
    asked.push(call);
    return terminal === undefined ? textReply(`answer ${asked.length}`) : terminal(call, asked.length);
  });
  return { ask: (call) => invoke(toolCall(call)), asked, clock: (change.clock as VirtualClock) ?? clock, problems };
}

const record = (): CallRecord => ({ attempts: 0, events: [] });

describe('cache', () => {
  it('is off without a time to live', async () => {
    const { ask, asked } = setup({ policyOf: () => ({ ...POLICY, cacheTtlMs: undefined }) });
    await ask();
    await ask();
    assert.equal(asked.length, 2);
  });

  it('answers the same call from memory until its time is over, and says so in the record', async () => {
    const { ask, asked, clock } = setup();
    const first = await ask();
    const second = record();
    assert.deepEqual(await ask({ record: second }), first);
    assert.equal(second.replay, 'cache');
    await clock.advance(9_999);
    await ask();
    assert.equal(asked.length, 1);
    await clock.advance(1);
    assert.deepEqual(await ask(), textReply('answer 2'));
  });

  it("follows the step's own time to live before the policy's", async () => {
    const { ask, asked, clock } = setup();
    await ask();
    await clock.advance(2_000);
    await ask({ cacheTtlMs: 5_000 });
    await ask({ cacheTtlMs: 0 });
    assert.equal(asked.length, 2);
    await ask({ cacheTtlMs: 1_000 });
    assert.equal(asked.length, 3);
  });

  it('tells apart servers, definitions, arguments, principals and tools', async () => {
    const identities = [IDENTITY, { ...IDENTITY, serverIdentity: 'other' }, { ...IDENTITY, definitionHash: 'new' }];
    let identity = IDENTITY;
    const { ask, asked } = setup({ identify: () => identity });
    for (const next of identities) {
      identity = next;
      await ask();
    }
    identity = IDENTITY;
    await ask({ request: { kind: 'tool', tool: 'echo', args: { a: 1 } } });
    await ask({ principal: { kind: 'agent', id: 'critic' } });
    await ask({ tool: 'other' });
    assert.equal(asked.length, 6);
  });

  it('takes arguments for the same whatever the order of their keys', async () => {
    const { ask, asked } = setup();
    await ask({ request: { kind: 'tool', tool: 't', args: { a: 1, b: 2 } } });
    await ask({ request: { kind: 'tool', tool: 't', args: { b: 2, a: 1 } } });
    assert.equal(asked.length, 1);
  });

  it('brings up a server that is not known yet, so that the first answer is kept, too', async () => {
    let isUp = false;
    const start = async (): Promise<void> => {
      isUp = true;
    };
    const { ask, asked } = setup({ identify: () => (isUp ? IDENTITY : undefined), start });
    for (const _ of [1, 2]) await ask();
    assert.equal(asked.length, 1);
  });

  it('leaves it to the call to say why a server does not start', async () => {
    const { ask, asked } = setup({ identify: () => undefined, start: () => Promise.reject(new Error('broken')) });
    await ask();
    assert.equal(asked.length, 1);
  });

  it('keeps nothing of a server or tool that it cannot identify', async () => {
    const { ask, asked } = setup({ identify: () => undefined });
    await ask();
    await ask();
    assert.equal(asked.length, 2);
  });

  it('keeps neither a reply that says it failed nor an error', async () => {
    const { ask, asked } = setup({}, async (_, number) => {
      if (number === 1) return { ...textReply('no'), isError: true };
      if (number === 2) throw new Error('broken');
      return textReply('yes');
    });
    await ask();
    await assert.rejects(ask(), /broken/);
    assert.deepEqual(await ask(), textReply('yes'));
    assert.equal(asked.length, 3);
  });

  it('never keeps an answer longer than the server allows', async () => {
    const reply = { ...textReply('short-lived'), meta: { ttlMs: 1_000 } };
    const { ask, asked, clock } = setup({ staleMs: 60_000 }, () => Promise.resolve(reply));
    await ask();
    await clock.advance(999);
    await ask();
    assert.equal(asked.length, 1);
    await clock.advance(1);
    await ask();
    assert.equal(asked.length, 2);
  });

  it('keeps nothing that the server calls stale at once', async () => {
    const { ask, asked } = setup({}, () => Promise.resolve({ ...textReply(''), meta: { ttlMs: 0 } }));
    await ask();
    await ask();
    assert.equal(asked.length, 2);
  });

  it('lets calls that ask the same at the same time share one', async () => {
    const { ask, asked } = setup();
    const replies = await Promise.all([ask(), ask(), ask()]);
    assert.equal(asked.length, 1);
    assert.equal(new Set(replies).size, 1);
  });

  it('goes on for those who still wait when the one who started it leaves', async () => {
    let answer: (reply: Reply) => void = () => undefined;
    const { ask, asked } = setup({}, () => new Promise((resolve) => (answer = resolve)));
    const controller = new AbortController();
    const first = assert.rejects(ask({ signal: controller.signal }), { code: 'CANCELLED' });
    const second = ask();
    await settle();
    controller.abort();
    await first;
    assert.equal(asked[0]?.signal.aborted, false);
    answer(textReply('late'));
    assert.deepEqual(await second, textReply('late'));
  });

  it('gives an answer past its time while it fetches a new one, once', async () => {
    const { ask, asked, clock } = setup({ staleMs: 5_000 });
    await ask();
    await clock.advance(10_001);
    const told = record();
    assert.deepEqual(await ask({ record: told }), textReply('answer 1'));
    assert.equal(told.replay, 'stale');
    await ask();
    await settle();
    assert.equal(asked.length, 2);
    assert.deepEqual(await ask(), textReply('answer 2'));
    await clock.advance(15_001);
    assert.deepEqual(await ask(), textReply('answer 3'));
  });

  it('says when the new one could not be fetched, and keeps giving the old one while it may', async () => {
    const { ask, clock, problems } = setup({ staleMs: 5_000 }, async (_, number) => {
      if (number > 1) throw new Error('server gone');
      return textReply('old');
    });
    await ask();
    await clock.advance(10_001);
    assert.deepEqual(await ask(), textReply('old'));
    await settle();
    assert.deepEqual(problems, ['fake.echo could not be renewed: server gone']);
    assert.deepEqual(await ask(), textReply('old'));
  });

  it('holds no more entries and bytes than it may', async () => {
    const { ask, asked } = setup({ maxEntries: 2 });
    for (const tool of ['a', 'b', 'c', 'a']) await ask({ tool });
    assert.equal(asked.length, 4);
    const small = setup({ maxBytes: 1_000 }, () => Promise.resolve(textReply('x'.repeat(2_000))));
    await small.ask();
    await small.ask();
    assert.equal(small.asked.length, 2);
  });

  it('refuses bounds that are none', () => {
    assert.throws(() => setup({ maxEntries: 0 }), /cache\.maxEntries must be a whole number of at least 1, not 0/);
    assert.throws(() => setup({ staleMs: -1 }), /cache\.staleMs must be a number of at least 0, not -1/);
  });
});

describe('cache with a shared tier', () => {
  const twoProcesses = (): { clock: VirtualClock; shared: MemorySharedCache; a: Setup; b: Setup } => {
    const clock = new VirtualClock();
    const shared = new MemorySharedCache(clock);
    return { clock, shared, a: setup({ clock, shared }), b: setup({ clock, shared }) };
  };

  it('answers one process with what another asked, and fills its memory', async () => {
    const { shared, a, b } = twoProcesses();
    await a.ask();
    await settle();
    const told = record();
    assert.deepEqual(await b.ask({ record: told }), textReply('answer 1'));
    assert.equal(told.replay, 'cache');
    const before = shared.asked;
    await b.ask();
    assert.equal(shared.asked, before);
    assert.equal(b.asked.length, 0);
  });

  it("keeps what a server calls private out of others' reach", async () => {
    const clock = new VirtualClock();
    const shared = new MemorySharedCache(clock);
    const a = setup({ clock, shared }, () =>
      Promise.resolve({ ...textReply('mine'), meta: { cacheScope: 'private' } }),
    );
    await a.ask();
    await a.ask();
    await settle();
    assert.equal(a.asked.length, 1);
    assert.equal(shared.size, 0);
  });

  it('asks the server when the shared tier fails, says so once, and leaves it alone for a while', async () => {
    const { clock, shared, a } = twoProcesses();
    shared.failure = new Error('connection refused');
    await a.ask({ tool: 'one' });
    await a.ask({ tool: 'two' });
    assert.equal(a.asked.length, 2);
    assert.equal(shared.asked, 1);
    assert.deepEqual(a.problems, ['the shared cache does not answer, so calls take longer: connection refused']);
    shared.failure = undefined;
    await clock.advance(5_000);
    await a.ask({ tool: 'three' });
    assert.equal(a.problems[1], 'the shared cache answers again');
  });

  it('does not wait for a shared tier that hangs', async () => {
    const clock = new VirtualClock();
    const hanging = { get: () => new Promise<undefined>(() => undefined), set: async () => {}, delete: async () => {} };
    const a = setup({ clock, shared: hanging });
    const reply = a.ask();
    await clock.advance(250);
    assert.deepEqual(await reply, textReply('answer 1'));
    assert.match(a.problems[0] ?? '', /no answer within 250 ms/);
    assert.equal(clock.pending, 0);
  });

  it('takes anything that is not a cached reply for a miss', async () => {
    const { clock, shared, a, b } = twoProcesses();
    await a.ask();
    await settle();
    const get = shared.get.bind(shared);
    for (const wrong of ['', 'null', '{}', '{"reply":{"kind":"tool"}}', '{"reply":{"kind":"?"},"freshUntil":9e99}']) {
      shared.get = async (key) => ((await get(key)) === undefined ? undefined : wrong);
      const c = setup({ clock, shared });
      assert.deepEqual(await c.ask(), textReply('answer 1'));
      assert.equal(c.asked.length, 1);
    }
    assert.equal(b.asked.length, 0);
  });
});
