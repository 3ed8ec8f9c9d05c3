/** The budget of extra calls holds whatever the order of events. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CallBudgets } from '../../../src/middleware/call-budget.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';

const event = fc.oneof(
  fc.constant({ kind: 'call' as const }),
  fc.constant({ kind: 'extra' as const }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.nat({ max: 90_000 }) }),
);

interface Moment {
  readonly at: number;
  readonly calls: number;
  readonly spent: number;
}

interface Limits {
  readonly share: number;
  readonly perMinute: number;
  readonly burst: number;
}

type Happening = { readonly kind: 'call' | 'extra' } | { readonly kind: 'wait'; readonly ms: number };

async function play(events: readonly Happening[], limits: Limits): Promise<readonly Moment[]> {
  const clock = new VirtualClock();
  const budgets = new CallBudgets({ clock, ...limits });
  const log: Moment[] = [];
  let calls = 0;
  let spent = 0;
  for (const happened of events) {
    if (happened.kind === 'wait') await clock.advance(happened.ms);
    else if (happened.kind === 'extra') spent += budgets.trySpend('a') ? 1 : 0;
    else {
      budgets.earn('a');
      calls += 1;
    }
    log.push({ at: clock.now(), calls, spent });
  }
  return log;
}

function assertWithin(from: Moment, to: Moment, { share, perMinute, burst }: Limits): void {
  const most = burst + share * (to.calls - from.calls) + (perMinute * (to.at - from.at)) / 60_000;
  assert.ok(to.spent - from.spent <= most + 1e-6, `${to.spent - from.spent} > ${most}`);
}

describe('CallBudgets', () => {
  it('never exceeds share, free grants and savings in any stretch of time, whatever the order of events', async () => {
    const limits = fc.record({
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      perMinute: fc.nat({ max: 20 }),
      burst: fc.nat({ max: 30 }),
    });
    const property = fc.asyncProperty(fc.array(event, { maxLength: 300 }), limits, async (events, given) => {
      const log = await play(events, given);
      for (const [index, from] of log.entries()) for (const to of log.slice(index)) assertWithin(from, to, given);
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it('starts with the free grant of one minute and earns the rest', () => {
    const budgets = new CallBudgets({ clock: new VirtualClock(), share: 0.5, perMinute: 1, burst: 10 });
    assert.deepEqual([budgets.trySpend('a'), budgets.trySpend('a')], [true, false]);
    budgets.earn('a');
    assert.equal(budgets.trySpend('a'), false);
    budgets.earn('a');
    assert.equal(budgets.trySpend('a'), true);
  });

  it('keeps one account per key', () => {
    const budgets = new CallBudgets({ clock: new VirtualClock(), share: 0, perMinute: 1, burst: 10 });
    assert.deepEqual([budgets.trySpend('a'), budgets.trySpend('b'), budgets.trySpend('a')], [true, true, false]);
  });
});
