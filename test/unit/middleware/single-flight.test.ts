/** Work shared by those who ask for the same. */
import assert from 'node:assert/strict';
import { SingleFlight } from '../../../src/middleware/single-flight.ts';
import { settle } from '../../fixtures/virtual-clock.ts';

const forever = new AbortController().signal;

describe('SingleFlight', () => {
  it('does the work once for all who ask meanwhile, and anew afterwards', async () => {
    const flights = new SingleFlight<number>();
    let done = 0;
    const work = async (): Promise<number> => {
      await settle();
      done += 1;
      return done;
    };
    const together = await Promise.all([1, 2, 3].map(() => flights.run('k', forever, work)));
    assert.deepEqual(together, [1, 1, 1]);
    assert.equal(await flights.run('k', forever, work), 2);
  });

  it('lets one leave without ending the work for the others, and ends it when the last leaves', async () => {
    const flights = new SingleFlight<string>();
    let own: AbortSignal | undefined;
    const work = (signal: AbortSignal): Promise<string> => {
      own = signal;
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
    const leavers = [new AbortController(), new AbortController()];
    const waits = leavers.map(({ signal }) => assert.rejects(flights.run('k', signal, work), { code: 'CANCELLED' }));
    await settle();
    leavers[0]?.abort();
    await waits[0];
    assert.equal(own?.aborted, false);
    leavers[1]?.abort();
    await waits[1];
    assert.equal(own?.aborted, true);
    assert.equal(flights.has('k'), false);
  });

  it('fails all of them when the work fails, and forgets it', async () => {
    const flights = new SingleFlight<string>();
    const work = (): Promise<string> => Promise.reject(new Error('broken'));
    const waits = [1, 2].map(() => assert.rejects(flights.run('k', forever, work), /broken/));
    await Promise.all(waits);
    assert.equal(flights.has('k'), false);
  });
});
