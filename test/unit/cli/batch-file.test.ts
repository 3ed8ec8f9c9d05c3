/** Files of calls: both forms, and what is said of a wrong one. */
import assert from 'node:assert/strict';
import { parseBatch } from '../../../src/cli/batch-file.ts';

describe('parseBatch', () => {
  it('reads JSON lines, and counts empty ones', () => {
    const text = '{"server": "a", "tool": "x"}\r\n\n{"server": "b", "tool": "y", "args": {"n": 1}}\n';
    assert.deepEqual(parseBatch(text, 'calls.jsonl'), [
      { place: 'calls.jsonl:1', server: 'a', tool: 'x', args: {} },
      { place: 'calls.jsonl:3', server: 'b', tool: 'y', args: { n: 1 } },
    ]);
  });

  it('reads a JSON array', () => {
    assert.deepEqual(parseBatch(' [\n{"server": "a", "tool": "x", "args": {}}]', 'calls.json'), [
      { place: 'calls.json[0]', server: 'a', tool: 'x', args: {} },
    ]);
  });

  it('says what is wrong where, and what would be right', () => {
    const right = 'a call looks like {"server": "…", "tool": "…", "args": {…}}';
    const cases: readonly [string, string | RegExp][] = [
      ['', `f has no calls; ${right}`],
      ['[]', `f has no calls; ${right}`],
      ['[{"server": "a"', /^f: not JSON: /],
      ['{"server": "a", "tool": "x"}\n{', /^f:2: not JSON: /],
      ['7', `f:1: not an object; ${right}`],
      ['[{"server": "a", "tool": ""}]', `f[0]: "tool" must be a name; ${right}`],
      ['{"tool": "x"}', `f:1: "server" must be a name; ${right}`],
      ['{"server": "a", "tool": "x", "args": []}', `f:1: "args" must be an object; ${right}`],
      ['{"server": "a", "tool": "x", "arguments": {}}', `f:1: unknown key "arguments"; ${right}`],
    ];
    for (const [text, message] of cases) assert.throws(() => parseBatch(text, 'f'), { name: 'UsageError', message });
  });
});
