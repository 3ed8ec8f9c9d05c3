/** One-time use is one time, whoever comes at once; grants are listed, kept, revoked. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Grant } from '../../../../src/contracts/index.ts';
import type { Binding } from '../../../../src/middleware/approval/binding.ts';
import { Grants } from '../../../../src/middleware/approval/grants.ts';
import { MemoryGrantStorage } from '../../../fixtures/approval-memory.ts';
import { VirtualClock } from '../../../fixtures/virtual-clock.ts';

const binding: Binding = {
  server: 'fake',
  tool: 'echo',
  serverIdentity: 'identity',
  definitionHash: 'hash',
  argumentsDigest: 'digest',
  principal: { kind: 'pipeline', id: 'x' },
  run: 'r1',
  workspace: '/repo',
};

const grant = (id: string, change: Partial<Grant> = {}): Grant => ({
  id,
  scope: 'once',
  reach: 'tool',
  server: 'fake',
  tool: 'echo',
  serverIdentity: 'identity',
  definitions: { echo: { hash: 'hash' } },
  argumentsDigest: 'digest',
  principal: { kind: 'pipeline', id: 'x' },
  by: 'ada',
  at: 1,
  ...change,
});

const make = (clock = new VirtualClock(), storage?: MemoryGrantStorage): Grants =>
  new Grants({ clock, storage, onError: assert.ifError });

describe('grants', () => {
  it('for once are used exactly once, however many come at the same time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 5 }),
        fc.integer({ min: 0, max: 12 }),
        fc.scheduler(),
        async (count, takers, s) => {
          const grants = make();
          for (let index = 0; index < count; index += 1) await grants.add(grant(`g${index}`));
          const taken: (string | undefined)[] = [];
          for (let index = 0; index < takers; index += 1) {
            void s.schedule(Promise.resolve()).then(async () => taken.push((await grants.takeOnce(binding))?.id));
          }
          await s.waitAll();
          const got = taken.filter((id) => id !== undefined);
          assert.equal(got.length, Math.min(count, takers));
          assert.equal(new Set(got).size, got.length);
          assert.equal(grants.list().length, count - got.length);
        },
      ),
    );
  });

  it('for once are used exactly once over processes that share a storage', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 9 }),
        async (count, takers) => {
          const storage = new MemoryGrantStorage();
          for (let index = 0; index < count; index += 1) await storage.save(grant(`g${index}`));
          const processes = [0, 1, 2].map(() => make(new VirtualClock(), storage));
          await Promise.all(processes.map((process) => process.refresh()));
          const taken = await Promise.all(takers.map((index) => processes[index]?.takeOnce(binding)));
          const got = taken.flatMap((each) => each?.id ?? []);
          assert.equal(new Set(got).size, got.length);
          assert.ok(got.length <= count);
          // Whoever came last has found every one that the others left.
          if (takers.length > 0) assert.ok(got.length >= 1);
          assert.equal(storage.ids.length, count - got.length);
        },
      ),
      { numRuns: 40 },
    );
  });

  for (const [what, change] of Object.entries({
    arguments: { argumentsDigest: 'other' },
    caller: { principal: { kind: 'agent', id: 'x' } },
    tool: { tool: 'other' },
    definition: { definitionHash: 'other' },
    'way of starting the server': { serverIdentity: 'other' },
  } satisfies Record<string, Partial<Binding>>)) {
    it(`for once are not good for another ${what}`, async () => {
      const grants = make();
      await grants.add(grant('g'));
      assert.equal(await grants.takeOnce({ ...binding, ...change }), undefined);
      assert.equal((await grants.takeOnce(binding))?.id, 'g');
    });
  }

  it('reach as far as their scope', async () => {
    const covers = async (change: Partial<Grant>, asked: Partial<Binding> = {}): Promise<boolean> => {
      const grants = make();
      await grants.add(grant('g', { argumentsDigest: undefined, ...change }));
      return grants.standing({ ...binding, argumentsDigest: 'any', ...asked }) !== undefined;
    };
    assert.deepEqual(
      await Promise.all([
        covers({ scope: 'run', run: 'r1' }),
        covers({ scope: 'run', run: 'r2' }),
        covers({ scope: 'run', run: undefined }, { run: undefined }),
        covers({ scope: 'workspace', workspace: '/repo' }),
        covers({ scope: 'workspace', workspace: '/other' }),
        covers({ scope: 'always' }),
        covers({ scope: 'once' }),
        covers({
          scope: 'always',
          reach: 'server',
          tool: 'first',
          definitions: { first: { hash: 'x' }, echo: { hash: 'hash' } },
        }),
        covers({ scope: 'always', reach: 'server', tool: 'first', definitions: { first: { hash: 'x' } } }),
        covers({ scope: 'always', reach: 'server' }, { tool: 'constructor' }),
      ]),
      [true, false, false, true, false, true, false, true, false, false],
    );
  });

  it('end when they expire', async () => {
    const clock = new VirtualClock();
    const grants = make(clock);
    await grants.add(grant('g', { scope: 'always', expiresAt: clock.now() + 10 }));
    assert.ok(grants.standing(binding));
    await clock.advance(10);
    assert.equal(grants.standing(binding), undefined);
    assert.deepEqual(grants.list(), []);
  });

  it('are listed newest first, survive a restart, and end when revoked', async () => {
    const storage = new MemoryGrantStorage();
    const before = make(new VirtualClock(), storage);
    await before.add(grant('old', { scope: 'always', at: 1 }));
    await before.add(grant('new', { scope: 'always', at: 2 }));
    const after = make(new VirtualClock(), storage);
    await after.refresh();
    assert.deepEqual(
      after.list().map(({ id }) => id),
      ['new', 'old'],
    );
    let changes = 0;
    after.onChange(() => {
      changes += 1;
    });
    assert.equal(await after.revoke('new'), true);
    assert.equal(await after.revoke('new'), false);
    assert.equal(changes, 1);
    assert.deepEqual(storage.ids, ['old']);
    assert.equal(after.standing(binding)?.id, 'old');
  });

  it('that cannot be kept still count, and are reported', async () => {
    const storage = new MemoryGrantStorage();
    storage.save = () => Promise.reject(new Error('disk full'));
    const errors: unknown[] = [];
    const grants = new Grants({ clock: new VirtualClock(), storage, onError: (error) => errors.push(error) });
    await grants.add(grant('g', { scope: 'always' }));
    assert.ok(grants.standing(binding));
    assert.match(String(errors[0]), /disk full/);
  });
});
