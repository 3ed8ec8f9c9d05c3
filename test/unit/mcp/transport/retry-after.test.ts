/** When a server wants to be asked again, in each of the ways in which it may say so. */
import assert from 'node:assert/strict';
import { guardedFetch } from '../../../../src/mcp/transport/guarded-fetch.ts';
import { parseRetryAfter, refusalIn, retryAfterOf } from '../../../../src/mcp/transport/retry-after.ts';

const NOW = Date.parse('Wed, 21 Oct 2026 07:28:00 GMT');

describe('Retry-After', () => {
  it('is read as seconds and as a date, and is never in the past', () => {
    assert.equal(parseRetryAfter('120', NOW), 120_000);
    assert.equal(parseRetryAfter(' 1.5 ', NOW), 1_500);
    assert.equal(parseRetryAfter('Wed, 21 Oct 2026 07:28:30 GMT', NOW), 30_000);
    assert.equal(parseRetryAfter('Wed, 21 Oct 2026 07:27:00 GMT', NOW), 0);
  });

  it('that says nothing counts as none', () => {
    for (const value of [null, '', 'soon', '-5', '12 apples', '2026']) {
      const expected = value === '2026' ? 2_026_000 : undefined;
      assert.equal(parseRetryAfter(value, NOW), expected, String(value));
    }
  });

  it('is found in the data of JSON-RPC errors, in seconds unless the name says otherwise', () => {
    assert.equal(retryAfterOf({ retryAfterMs: 250 }), 250);
    assert.equal(retryAfterOf({ retry_after: '3' }), 3_000);
    assert.equal(retryAfterOf({ retryAfter: 0.5 }), 500);
    for (const data of [undefined, null, 'soon', {}, { retryAfter: 'soon' }, { retryAfter: -1 }, { retryAfter: '' }]) {
      assert.equal(retryAfterOf(data), undefined);
    }
  });
});

describe('a refusal over HTTP', () => {
  const answered = (status: number, headers: Record<string, string>, method = 'POST'): Promise<unknown> =>
    guardedFetch({
      maxBytes: 1_000,
      onNote: () => undefined,
      now: () => NOW,
      fetch: async () => new Response('no', { status, headers }),
    })('http://x/', { method, body: '{}' }).then(
      (response) => response.status,
      (error: unknown) => refusalIn(new Error('fetch failed', { cause: error }))?.retryAfterMs,
    );

  it('says when to come back, for 429 and 503', async () => {
    assert.equal(await answered(429, { 'retry-after': '2' }), 2_000);
    assert.equal(await answered(503, { 'retry-after': 'Wed, 21 Oct 2026 07:28:10 GMT' }), 10_000);
  });

  it('without a time, of another status or of another request is passed on as it is', async () => {
    assert.equal(await answered(429, {}), 429);
    assert.equal(await answered(500, { 'retry-after': '2' }), 500);
    assert.equal(await answered(503, { 'retry-after': '2' }, 'DELETE'), 503);
  });
});
