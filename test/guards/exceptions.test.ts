/** The list of exceptions only ever gets shorter. */
import assert from 'node:assert/strict';
import { complaints, exceptions } from './kit/exceptions.ts';

/** Lower it whenever the list gets shorter; never raise it. */
const LENGTH = 0;

describe('the list of exceptions', () => {
  it('is exactly as long as its pin, which only goes down', () => {
    assert.equal(exceptions().length, LENGTH);
  });

  it('gives a reason for each', () => {
    for (const entry of exceptions()) {
      assert.ok(entry.reason.length > 20, `${entry.file}: ${entry.what} needs a reason a newcomer understands`);
    }
  });

  it('reports a finding that it does not hold', () => {
    const finding = { file: 'src/base/nowhere.ts', what: 'lint/style/noDefaultExport', message: 'a default export' };
    assert.ok(complaints('biome', [finding]).some((line) => line.startsWith('src/base/nowhere.ts')));
  });
});
