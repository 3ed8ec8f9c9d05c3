/** Many timers over one: each fires once, in its time, and the process waits for those that are armed alone. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LazyTimers, type TimerHost } from '../../../src/base/lazy-timers.ts';

/** A system with one hand: time moves when the test says so. */
class FakeHost implements TimerHost {
  time = 0;
  made = 0;
  isHeld = true;
  #pending: { readonly due: number; readonly callback: () => void } | undefined;

  now(): number {
    return this.time;
  }

  setTimeout(callback: () => void, ms: number): NodeJS.Timeout {
    this.made += 1;
    this.isHeld = true;
    const pending = { due: this.time + ms, callback };
    this.#pending = pending;
    return {
      ref: () => {
        this.isHeld = true;
      },
      unref: () => {
        this.isHeld = false;
      },
    } as unknown as NodeJS.Timeout;
  }

  clearTimeout(): void {
    this.#pending = undefined;
  }

  /** True while the process would stay alive. */
  get holds(): boolean {
    return this.#pending !== undefined && this.isHeld;
  }

  advance(ms: number): void {
    const until = this.time + ms;
    while (this.#pending !== undefined && this.#pending.due <= until) {
      const { due, callback } = this.#pending;
      this.#pending = undefined;
      this.time = Math.max(this.time, due);
      callback();
    }
    this.time = until;
  }
}

describe('lazy timers', () => {
  let host: FakeHost;
  let timers: LazyTimers;
  beforeEach(() => {
    host = new FakeHost();
    timers = new LazyTimers(host);
  });

  it('fire in the order of their times, never early', () => {
    const fired: string[] = [];
    timers.schedule(30, () => fired.push(`b at ${host.time}`));
    timers.schedule(10, () => fired.push(`a at ${host.time}`));
    timers.schedule(30, () => fired.push(`c at ${host.time}`));
    host.advance(9);
    assert.deepEqual(fired, []);
    host.advance(100);
    assert.deepEqual(fired, ['a at 10', 'b at 30', 'c at 30']);
  });

  it('cost the system nothing while calls come and go within one waking', () => {
    timers.schedule(1_000, () => undefined).dispose();
    for (let call = 0; call < 1_000; call += 1) timers.schedule(1_000, () => undefined).dispose();
    assert.equal(host.made, 1);
  });

  it('hold the process only while one is armed', () => {
    const timer = timers.schedule(1_000, () => undefined);
    assert.equal(host.holds, true);
    timer.dispose();
    assert.equal(host.holds, false);
    timers.schedule(2_000, () => undefined);
    assert.equal(host.holds, true);
    host.advance(5_000);
    assert.equal(host.holds, false);
  });

  it('may be armed and disarmed by one that fires', () => {
    const fired: string[] = [];
    const late = timers.schedule(20, () => fired.push('late'));
    timers.schedule(10, () => {
      late.dispose();
      timers.schedule(5, () => fired.push(`again at ${host.time}`));
    });
    host.advance(100);
    assert.deepEqual(fired, ['again at 15']);
  });

  it('do not fire when one of the same moment has disarmed them', () => {
    const fired: string[] = [];
    timers.schedule(10, () => other.dispose());
    const other = timers.schedule(10, () => fired.push('other'));
    host.advance(100);
    assert.deepEqual(fired, []);
  });

  it('fire once each and in their time, whatever is armed and disarmed', () => {
    const step = fc.record({ ms: fc.nat(50), wait: fc.nat(20), disarmed: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        host = new FakeHost();
        timers = new LazyTimers(host);
        const fired = new Map<number, number>();
        const expected = new Map<number, number>();
        for (const [index, { ms, wait, disarmed }] of steps.entries()) {
          const due = host.time + ms;
          const timer = timers.schedule(ms, () => fired.set(index, host.time));
          if (disarmed) timer.dispose();
          else expected.set(index, due);
          host.advance(wait);
        }
        host.advance(1_000);
        assert.equal(host.holds, false);
        assert.deepEqual([...fired.keys()].sort(), [...expected.keys()].sort());
        for (const [index, due] of expected) assert.ok(Math.abs((fired.get(index) ?? 0) - due) <= 1);
      }),
      { numRuns: 200 },
    );
  });
});
