/** Patterns of rules: what they match, and which covers which. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  coversTools,
  matchesTool,
  overlapTools,
  parseToolPattern,
  ruleTargetOf,
} from '../../../../src/middleware/rules/tool-pattern.ts';

const matches = (pattern: string, server: string, target: string): boolean =>
  matchesTool(parseToolPattern(pattern), server, target);

describe('patterns of rules', () => {
  it('match one tool, a part of the tools, a server, or everything', () => {
    assert.ok(matches('wiki.create_page', 'wiki', 'create_page'));
    assert.ok(!matches('wiki.create_page', 'wiki', 'create_page2'));
    assert.ok(matches('wiki.*_page', 'wiki', 'delete_page'));
    assert.ok(matches('wiki.*', 'wiki', 'anything.with.dots'));
    assert.ok(!matches('wiki.*', 'other', 'anything'));
    assert.ok(matches('*.*', 'other', 'anything'));
    assert.ok(matches('*.delete_*', 'other', 'delete_all'));
  });

  it('do not take a resource or a prompt for a tool', () => {
    const prompt = ruleTargetOf({ kind: 'prompt', name: 'delete', args: {} });
    assert.ok(!matches('wiki.delete', 'wiki', prompt));
    assert.ok(!matches('wiki.p*', 'wiki', prompt));
    assert.ok(matches('wiki.prompt:delete', 'wiki', prompt));
    assert.ok(matches('wiki.*', 'wiki', prompt));
    assert.ok(
      matches('wiki.resource:file:///docs/*', 'wiki', ruleTargetOf({ kind: 'resource', uri: 'file:///docs/a' })),
    );
  });

  it('are not fooled by a tool that is named like a prompt', () => {
    const tool = ruleTargetOf({ kind: 'tool', tool: 'prompt:delete', args: {} });
    assert.ok(!matches('wiki.prompt:delete', 'wiki', tool));
    assert.ok(matches('wiki.*', 'wiki', tool));
  });

  for (const text of ['', 'wiki', 'wiki.', '.tool', 'wi ki.tool', '*', 'wi*.tool', 'wiki. tool']) {
    it(`of the form "${text}" are refused with what would be right`, () => {
      assert.throws(() => parseToolPattern(text), /write server\.tool|is no server id/);
    });
  }

  it('that cover another match whatever it matches, and overlap with it', () => {
    const part = fc.stringMatching(/^[ab*]{1,4}$/);
    const server = fc.constantFrom('s', 't', '*');
    const name = fc.stringMatching(/^[ab]{0,6}$/);
    fc.assert(
      fc.property(server, part, server, part, name, (serverA, a, serverB, b, target) => {
        const wide = parseToolPattern(`${serverA}.${a}`);
        const narrow = parseToolPattern(`${serverB}.${b}`);
        const byNarrow = matchesTool(narrow, 's', target);
        if (coversTools(wide, narrow) && byNarrow) assert.ok(matchesTool(wide, 's', target));
        if (byNarrow && matchesTool(wide, 's', target)) assert.ok(overlapTools(wide, narrow));
      }),
    );
  });
});
