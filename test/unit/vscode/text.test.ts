/** What a server wrote, made harmless for the editor's widgets. */
import assert from 'node:assert/strict';
import {
  formatDuration,
  formatMoment,
  oneLine,
  plainLines,
  withoutIcons,
  withoutLinks,
} from '../../../src/vscode/text.ts';

describe('text from servers', () => {
  it('becomes one short line without control or bidirectional characters', () => {
    assert.equal(oneLine('a\u001b[31mb\u202ec\r\n d'), 'a [31mb c d');
    assert.equal(oneLine('x'.repeat(300)).length, 200);
  });

  it('keeps its lines in a tooltip', () => {
    assert.equal(plainLines('one\u0007\r\ntwo\n'), 'one\ntwo');
  });

  it('draws no icon in a quick pick', () => {
    assert.equal(withoutIcons('$(trash) delete'), '\\$(trash) delete');
  });

  it('makes no link in a notification', () => {
    assert.doesNotMatch(withoutLinks('see [this](command:workbench.action.quit)'), /\]\(/);
  });

  it('says when something began, with the date unless it was today', () => {
    const at = new Date(2026, 10, 2, 9, 5).getTime();
    assert.equal(formatMoment(at, new Date(2026, 10, 2, 23, 59).getTime()), '09:05');
    assert.equal(formatMoment(at, new Date(2026, 10, 3, 0, 1).getTime()), '2026-11-02 09:05');
  });

  it('says how long something took', () => {
    assert.deepEqual([12.4, 4240, 185_000].map(formatDuration), ['12 ms', '4.2 s', '3 min 05 s']);
  });
});
