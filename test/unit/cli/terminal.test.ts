/** What reaches a terminal. */
import assert from 'node:assert/strict';
import { columns, oneLine, printable } from '../../../src/cli/terminal.ts';

describe('printable', () => {
  it('makes control and bidirectional characters visible, and keeps newlines and tabs', () => {
    assert.equal(printable('a\u001b[31m\tb\u202e\n'), 'a\\x1b[31m\tb\\x202e\n');
  });
});

describe('oneLine', () => {
  it('folds lines into one', () => {
    assert.equal(oneLine('a\r\nb\tc'), 'a b c');
  });
});

describe('columns', () => {
  it('aligns every column but pads not the last', () => {
    assert.equal(
      columns([
        ['a', 'bb', 'c'],
        ['aaa', 'b', 'cccc'],
      ]),
      'a    bb  c\naaa  b   cccc',
    );
  });
});
