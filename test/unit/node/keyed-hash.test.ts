/** The fast HMAC is the HMAC. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { keyedHasher } from '../../../src/node/keyed-hash.ts';

describe('keyedHasher', () => {
  it('gives what HMAC-SHA-256 gives, for keys and texts of any length', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.constantFrom('', 'ü'.repeat(21_846), 'x'.repeat(60_000)),
    );
    const key = fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(key, fc.array(text, { maxLength: 4 }), (secret, texts) => {
        const hashed = keyedHasher(secret);
        for (const one of texts) assert.equal(hashed(one), createHmac('sha256', secret).update(one).digest('hex'));
      }),
      { numRuns: 300 },
    );
  });
});
