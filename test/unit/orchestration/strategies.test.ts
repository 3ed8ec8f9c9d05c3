/** The strategies: who wins, who is stopped, and that nothing is lost from sight. */
import assert from 'node:assert/strict';
import { ConductorError } from '../../../src/base/errors.ts';
import type { Outcome } from '../../../src/orchestration/contest.ts';
import { fanOut } from '../../../src/orchestration/fan-out.ts';
import { quorum } from '../../../src/orchestration/quorum.ts';
import { hedgeAcross, race, withFallback } from '../../../src/orchestration/race.ts';
import { speculate } from '../../../src/orchestration/speculate.ts';
import { type Script, scripted } from '../../fixtures/contestants.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';

const down = new ConductorError('CONNECTION_LOST', 'the server went away');

const statuses = (outcomes: readonly Outcome<unknown>[]): readonly string[] =>
  outcomes.map((one) => `${one.id} ${one.status}${'because' in one ? `: ${one.because}` : ''}`);

describe('strategies', () => {
  let clock: VirtualClock;
  let controller: AbortController;
  beforeEach(() => {
    clock = new VirtualClock();
    controller = new AbortController();
  });
  afterEach(() => assert.equal(clock.pending, 0, 'a timer was left behind'));

  const common = (): { clock: VirtualClock; signal: AbortSignal } => ({ clock, signal: controller.signal });
  const script = (scripts: Readonly<Record<string, Script>>): ReturnType<typeof scripted> => scripted(clock, scripts);
  const settled = async <T>(promise: Promise<T>): Promise<T> => {
    promise.catch(() => undefined);
    await clock.runAll();
    return promise;
  };

  describe('fan-out', () => {
    it('gives the replies in the order of those asked, whatever the order of their coming', async () => {
      const { contestants } = script({ a: { ms: 30 }, b: { ms: 10 }, c: { ms: 20 } });
      const result = await settled(fanOut(contestants, common()));
      assert.deepEqual(
        result.replies.map(({ value }) => value),
        ['answer of a', 'answer of b', 'answer of c'],
      );
      assert.deepEqual([result.enough, result.complete], [true, true]);
    });

    it('goes on at the deadline with what has arrived, and stops the rest on the wire', async () => {
      const { contestants, stopped, running } = script({
        a: { ms: 10 },
        b: { ms: 60_000 },
        c: { ms: 5, fails: down },
      });
      const result = await settled(fanOut(contestants, { ...common(), deadlineMs: 1_000 }));
      assert.deepEqual(
        result.replies.map(({ id }) => id),
        ['a'],
      );
      assert.deepEqual(statuses(result.outcomes), ['a succeeded', 'b cancelled: no answer within 1000 ms', 'c failed']);
      assert.deepEqual([...stopped], [['b', 'no answer within 1000 ms']]);
      assert.equal(running(), 0, 'losers are awaited');
      assert.deepEqual([result.enough, result.complete], [true, false]);
    });

    it('says when fewer replied than had to', async () => {
      const { contestants } = script({ a: { ms: 10 }, b: { ms: 5, fails: down }, c: { ms: 5, fails: down } });
      assert.equal((await settled(fanOut(contestants, { ...common(), least: 2 }))).enough, false);
    });

    it('ends with its asker, once every try has ended', async () => {
      const { contestants, running } = script({ a: { ms: 10_000 }, b: { ms: 10_000 } });
      const result = fanOut(contestants, common());
      clock.schedule(50, () => controller.abort(new ConductorError('CANCELLED', 'the run was cancelled')));
      await assert.rejects(settled(result), { code: 'CANCELLED', message: 'the run was cancelled' });
      assert.equal(running(), 0);
    });

    it('does not wait for ever for one that cannot be stopped', async () => {
      const { contestants } = script({ a: { ms: 10 }, b: { ms: 60_000, deaf: true } });
      const result = fanOut(contestants, { ...common(), deadlineMs: 100, graceMs: 1_000 });
      await clock.advance(1_100);
      assert.deepEqual(statuses((await result).outcomes), [
        'a succeeded',
        'b cancelled: no answer within 100 ms; it did not stop in time',
      ]);
      await clock.runAll();
    });

    it('wants somebody to ask, and no two of the same name', async () => {
      await assert.rejects(fanOut([], common()), RangeError);
      const [one] = script({ a: { ms: 1 } }).contestants;
      assert.ok(one !== undefined);
      await assert.rejects(fanOut([one, one], common()), RangeError);
    });
  });

  describe('quorum', () => {
    const four = { a: { ms: 40 }, b: { ms: 10 }, c: { ms: 20 }, d: { ms: 30 } };

    it('returns exactly as many replies as were wanted, the first to come, and stops the others', async () => {
      const { contestants, stopped } = script(four);
      const result = await settled(quorum(contestants, { ...common(), size: 2 }));
      assert.deepEqual(
        result.replies.map(({ id }) => id),
        ['b', 'c'],
      );
      assert.equal(result.reached, true);
      assert.deepEqual([...stopped.keys()].sort(), ['a', 'd']);
    });

    it('returns no more than that when more come at the same moment', async () => {
      const { contestants } = script({ a: { ms: 10 }, b: { ms: 10 }, c: { ms: 10 } });
      const { replies, reached } = await settled(quorum(contestants, { ...common(), size: 2 }));
      assert.deepEqual([replies.length, reached], [2, true]);
    });

    it('counts only what is relevant, and says of the rest why not', async () => {
      const { contestants } = script(four);
      const isRelevant = (_: string, id: string): boolean | string => (id === 'b' ? 'it is about birds' : id !== 'c');
      const result = await settled(quorum(contestants, { ...common(), size: 2, isRelevant }));
      assert.deepEqual(
        result.replies.map(({ id }) => id),
        ['d', 'a'],
      );
      assert.deepEqual(statuses(result.outcomes), [
        'a succeeded',
        'b rejected: it is about birds',
        'c rejected: not relevant',
        'd succeeded',
      ]);
    });

    it('returns the partial set, flagged, when it cannot be reached', async () => {
      const { contestants } = script({ a: { ms: 10 }, b: { ms: 20, fails: down }, c: { ms: 30, fails: down } });
      const result = await settled(quorum(contestants, { ...common(), size: 2 }));
      assert.deepEqual([result.reached, result.replies.map(({ id }) => id)], [false, ['a']]);
    });

    it('does not fall with a judge that does', async () => {
      const { contestants } = script({ a: { ms: 10 } });
      const isRelevant = (): boolean => {
        throw new Error('no model');
      };
      const result = await settled(quorum(contestants, { ...common(), size: 1, isRelevant }));
      assert.deepEqual(statuses(result.outcomes), ['a rejected: its relevance could not be judged: no model']);
    });

    it('of none is refused', async () => {
      await assert.rejects(quorum(script(four).contestants, { ...common(), size: 0 }), RangeError);
    });
  });

  describe('speculation', () => {
    const length = (value: string): number => value.length;

    it('waits for all and takes the best; of equals the first that was given', async () => {
      const { contestants } = script({ static: { ms: 30 }, dynamic: { ms: 10 }, semantic: { ms: 20 } });
      const result = await settled(speculate(contestants, { ...common(), judge: length }));
      assert.equal(result.winner?.id, 'semantic');
      assert.deepEqual([...result.scores.keys()].sort(), ['dynamic', 'semantic', 'static']);
      const equal = await settled(speculate(contestants, { ...common(), judge: () => 1 }));
      assert.equal(equal.winner?.id, 'static');
    });

    it('stops waiting when one is good enough', async () => {
      const { contestants, stopped } = script({ slow: { ms: 900 }, quick: { ms: 10 } });
      const result = await settled(speculate(contestants, { ...common(), judge: () => 0.9, goodEnough: 0.8 }));
      assert.equal(result.winner?.id, 'quick');
      assert.deepEqual([...stopped], [['slow', 'another one was good enough']]);
    });

    it('has no winner when all fail or none can be judged, and shows each', async () => {
      const { contestants } = script({ a: { ms: 10, fails: down }, b: { ms: 10 } });
      const result = await settled(speculate(contestants, { ...common(), judge: () => Number.NaN }));
      assert.equal(result.winner, undefined);
      assert.deepEqual(statuses(result.outcomes), ['a failed', 'b rejected: the judge gave no number']);
    });
  });

  describe('a race', () => {
    it('is won by the first success; a quick failure does not count', async () => {
      const { contestants, stopped } = script({ a: { ms: 50 }, b: { ms: 5, fails: down }, c: { ms: 20 } });
      const { winner, outcomes } = await settled(race(contestants, common()));
      assert.equal(winner?.id, 'c');
      assert.deepEqual([...stopped], [['a', 'c was first']]);
      assert.deepEqual(statuses(outcomes), ['a cancelled: c was first', 'b failed', 'c succeeded']);
    });

    it('is not won by a reply that is refused', async () => {
      const { contestants } = script({ a: { ms: 50 }, b: { ms: 5 } });
      const { winner } = await settled(race(contestants, { ...common(), accept: (_, id) => id === 'a' || 'empty' }));
      assert.equal(winner?.id, 'a');
    });

    it('has no winner when all fail', async () => {
      const { contestants } = script({ a: { ms: 50, fails: down }, b: { ms: 5, fails: down } });
      const { winner, outcomes } = await settled(race(contestants, common()));
      assert.equal(winner, undefined);
      assert.deepEqual(statuses(outcomes), ['a failed', 'b failed']);
    });
  });

  describe('a fallback', () => {
    it('is not asked while the first answers in time', async () => {
      const { contestants, started } = script({ first: { ms: 29_999 }, second: { ms: 1 } });
      const { winner, outcomes } = await settled(withFallback(contestants, common()));
      assert.equal(winner?.id, 'first');
      assert.deepEqual(started, ['first']);
      assert.deepEqual(statuses(outcomes), ['first succeeded', 'second not started: first was first']);
    });

    it('takes over after the time-out, the first being stopped, and at once after a failure', async () => {
      const slow = script({ first: { ms: 90_000 }, second: { ms: 10 } });
      const result = await settled(withFallback(slow.contestants, { ...common(), afterMs: 1_000 }));
      assert.equal(result.winner?.id, 'second');
      assert.deepEqual([...slow.stopped], [['first', 'no answer within 1000 ms']]);

      const broken = script({ first: { ms: 5, fails: down }, second: { ms: 10 } });
      const began = clock.now();
      assert.equal((await settled(withFallback(broken.contestants, common()))).winner?.id, 'second');
      assert.equal(clock.now() - began, 15);
    });

    it('may be slow in its turn', async () => {
      const { contestants } = script({ first: { ms: 90_000 }, second: { ms: 90_000 } });
      const { winner, outcomes } = await settled(withFallback(contestants, { ...common(), afterMs: 1_000 }));
      assert.equal(winner, undefined);
      assert.deepEqual(statuses(outcomes), [
        'first cancelled: no answer within 1000 ms',
        'second cancelled: the time was over',
      ]);
    });
  });

  describe('hedging across servers', () => {
    it('asks the next when the first is slow, and lets both run', async () => {
      const { contestants, started } = script({ first: { ms: 150 }, second: { ms: 500 }, third: { ms: 1 } });
      const { winner } = await settled(hedgeAcross(contestants, { ...common(), afterMs: 100 }));
      assert.equal(winner?.id, 'first');
      assert.deepEqual(started, ['first', 'second']);
    });
  });
});
