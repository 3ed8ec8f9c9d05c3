/** Newline framing: whole lines whatever the chunks, a cap, and bytes that are no UTF-8. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LineSplitter } from '../../../../src/mcp/transport/line-splitter.ts';

function split(chunks: readonly Uint8Array[], options: { maxBytes?: number; truncate?: boolean } = {}) {
  const lines: string[] = [];
  const invalid: string[] = [];
  let overflows = 0;
  const splitter = new LineSplitter({
    maxBytes: options.maxBytes ?? 1_000,
    truncate: options.truncate,
    onLine: (text, valid) => void (valid ? lines : invalid).push(text),
    onOverflow: () => {
      overflows += 1;
    },
  });
  for (const chunk of chunks) splitter.push(chunk);
  splitter.flush();
  return { lines, invalid, overflows };
}

describe('the line splitter', () => {
  it('gives the same lines however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.array(fc.nat(20)), (texts, cuts) => {
        const wanted = texts.map((text) => text.replace(/[\r\n]/g, ' '));
        const bytes = Buffer.from(wanted.map((text) => `${text}\n`).join(''));
        const chunks: Uint8Array[] = [];
        let at = 0;
        for (const cut of cuts) {
          chunks.push(bytes.subarray(at, at + cut));
          at += cut;
        }
        chunks.push(bytes.subarray(at));
        assert.deepEqual(split(chunks, { maxBytes: 100_000 }).lines, wanted);
      }),
    );
  });

  it('drops the carriage return, and gives a last line without a newline', () => {
    assert.deepEqual(split([Buffer.from('a\r\nb')]).lines, ['a', 'b']);
  });

  it('gives up once when a line is too long, and says so once', () => {
    const { lines, overflows } = split(
      [Buffer.from('ok\n'), Buffer.alloc(60, 'x'), Buffer.alloc(60, 'x'), Buffer.from('\nmore\n')],
      { maxBytes: 100 },
    );
    assert.deepEqual(lines, ['ok']);
    assert.equal(overflows, 1);
  });

  it('takes a line of exactly the cap', () => {
    assert.equal(split([Buffer.from(`${'x'.repeat(100)}\n`)], { maxBytes: 100 }).lines[0]?.length, 100);
  });

  it('cuts a long line and goes on with the next when told to', () => {
    const { lines } = split([Buffer.from('abcdef'), Buffer.from('ghi\nnext\n')], { maxBytes: 4, truncate: true });
    assert.deepEqual(lines, ['abcd … (line cut)', 'next']);
  });

  it('marks bytes that are not UTF-8', () => {
    const { lines, invalid } = split([Buffer.from([0x61, 0xff, 0x62, 0x0a, 0x63, 0x0a])]);
    assert.deepEqual(lines, ['c']);
    assert.deepEqual(invalid, ['a\uFFFDb']);
  });
});
