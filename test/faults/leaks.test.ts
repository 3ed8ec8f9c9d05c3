/** Credentials in every encoding and at every place, and not one of them in what the product writes or shows. */
import assert from 'node:assert/strict';
import { LeakSearch, makeCredentials } from '../fixtures/leak/credentials.ts';
import { proveNoLeak } from '../fixtures/leak/proof.ts';

describe('planted credentials', function () {
  this.timeout(120_000);

  it('are in no file, log, trace, metric, journal, cache, event, error or export', async () => {
    const proof = await proveNoLeak({ credentials: 21, seed: 7, perCall: 21, every: 1 });
    const places = [...new Set(proof.leaks.map(({ where }) => where))];
    assert.deepEqual(places, [], JSON.stringify(proof.leaks.slice(0, 20), null, 1));
    assert.ok(proof.planted >= 2_000 && proof.characters > 100_000, JSON.stringify({ ...proof, leaks: [] }));
  });

  it('would be found', () => {
    const [credential = ''] = makeCredentials(1, 1);
    const search = new LeakSearch([credential]);
    assert.equal(search.in('a file', `x ${Buffer.from(credential).toString('hex')} y`).length, 1);
    assert.equal(search.in('a file', 'nothing').length, 0);
  });
});
