/** Fingerprints: what keeps them and what changes them. */
import assert from 'node:assert/strict';
import { createFingerprinter, fingerprint } from '../../../src/analysis/fingerprint.ts';

describe('a fingerprint', () => {
  it('survives indentation and line breaks', () => {
    assert.equal(fingerprint('r', 'f', 'eval( x )\n', 0), fingerprint('r', 'f', '  eval( \t x )', 0));
  });

  it('depends on rule, file, text and occurrence', () => {
    const all = [
      fingerprint('r', 'f', 'x', 0),
      fingerprint('q', 'f', 'x', 0),
      fingerprint('r', 'g', 'x', 0),
      fingerprint('r', 'f', 'y', 0),
      fingerprint('r', 'f', 'x', 1),
    ];
    assert.equal(new Set(all).size, all.length);
    assert.match(all[0] ?? '', /^[0-9a-f]{32}$/);
  });

  it('tells equal problems of one file apart by their order', () => {
    const next = createFingerprinter();
    assert.deepEqual(
      [next('r', 'f', 'x'), next('r', 'f', ' x'), next('r', 'g', 'x')],
      [fingerprint('r', 'f', 'x', 0), fingerprint('r', 'f', 'x', 1), fingerprint('r', 'g', 'x', 0)],
    );
  });
});
