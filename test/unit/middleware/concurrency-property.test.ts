/** Slots under any order of events: never over a limit, no slot idle while somebody could have it, runs in turn. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { concurrency } from '../../../src/middleware/concurrency.ts';
import { textReply, toolCall } from '../../fixtures/calls.ts';
import { settle } from '../../fixtures/virtual-clock.ts';

type Event =
  | { readonly kind: 'call'; readonly run: string; readonly server: string }
  | { readonly kind: 'finish' | 'cancel'; readonly which: number };

const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('call'),
      run: fc.constantFrom('a', 'b', 'c'),
      server: fc.constantFrom('x', 'y'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('finish', 'cancel'), which: fc.nat() }) },
);

interface Asked {
  readonly run: string;
  readonly server: string;
  readonly controller: AbortController;
  readonly ended: Promise<unknown>;
  finish?: () => void;
}

/** What is under way and what waits, as seen from outside. */
class World {
  readonly waiting: Asked[] = [];
  readonly inside: Asked[] = [];
  /** Runs in the order in which they were let in after having waited. */
  readonly served: { readonly run: string; readonly others: ReadonlySet<string> }[] = [];
  readonly #invoke;

  constructor(global: number, perX: number) {
    this.#invoke = concurrency({ global, perServer: (server) => (server === 'x' ? perX : undefined) })(
      (call) =>
        new Promise((resolve) => {
          const index = this.waiting.findIndex(({ controller }) => controller.signal === call.signal);
          const [asked] = this.waiting.splice(index, 1);
          assert.ok(asked);
          asked.finish = () => resolve(textReply('done'));
          this.inside.push(asked);
          this.served.push({ run: asked.run, others: new Set(this.waiting.map(({ run }) => run)) });
        }),
    );
  }

  ask(run: string, server: string): void {
    const controller = new AbortController();
    const asked: { -readonly [K in keyof Asked]: Asked[K] } = { run, server, controller, ended: Promise.resolve() };
    this.waiting.push(asked);
    asked.ended = this.#invoke(toolCall({ run, server, signal: controller.signal })).catch(() => undefined);
  }

  apply(happened: Event): void {
    if (happened.kind === 'call') this.ask(happened.run, happened.server);
    else if (happened.kind === 'finish') this.#take(this.inside, happened.which)?.finish?.();
    else this.#take(this.waiting, happened.which)?.controller.abort();
  }

  #take(list: Asked[], which: number): Asked | undefined {
    return list.length === 0 ? undefined : list.splice(which % list.length, 1)[0];
  }
}

describe('slots, whatever happens in whatever order', () => {
  const events = fc.array(event, { minLength: 1, maxLength: 60 });
  const few = fc.integer({ min: 1, max: 4 });

  it('are never more than there are, never idle while somebody could have one, and all given back', async () => {
    const property = fc.asyncProperty(events, few, few, async (happenings, global, perX) => {
      const world = new World(global, perX);
      for (const happened of happenings) {
        world.apply(happened);
        await settle();
        const atX = world.inside.filter(({ server }) => server === 'x').length;
        assert.ok(world.inside.length <= global && atX <= perX);
        const couldEnter = ({ server }: Asked): boolean => server !== 'x' || atX < perX;
        assert.ok(world.inside.length === global || !world.waiting.some(couldEnter), 'a slot is idle');
      }
      for (let left = world.inside.shift(); left !== undefined; left = world.inside.shift()) {
        left.finish?.();
        await settle();
      }
      assert.deepEqual(world.waiting, [], 'everybody has had a turn');
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it('go to the runs in turn: none is served twice while another one waits all along', async () => {
    const property = fc.asyncProperty(events, few, async (happenings, global) => {
      const world = new World(global, global);
      for (const happened of happenings) {
        world.apply(happened);
        await settle();
      }
      for (const [index, { run, others }] of world.served.entries()) {
        const before = world.served.slice(0, index).findLastIndex((one) => one.run === run);
        if (before < 0) continue;
        const between = world.served.slice(before, index);
        const passedOver = [...others].filter(
          (other) => other !== run && between.every((one) => one.others.has(other)),
        );
        const servedBetween = new Set(between.map((one) => one.run));
        assert.deepEqual(
          passedOver.filter((other) => !servedBetween.has(other)),
          [],
        );
      }
    });
    await fc.assert(property, { numRuns: 60 });
  });
});
