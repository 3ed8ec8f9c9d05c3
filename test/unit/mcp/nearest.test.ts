/** Suggestions for mistyped names, and secrets taken out of texts. */
import assert from 'node:assert/strict';
import { slug } from '../../../src/mcp/config/slug.ts';
import { nearestNames } from '../../../src/mcp/nearest.ts';
import { redactValues, withoutControls } from '../../../src/mcp/redact.ts';

describe('the nearest names', () => {
  it('are the closest first, three at most, without regard to case', () => {
    assert.deepEqual(nearestNames('serch', ['search', 'merge', 'research', 'delete_everything', 'Serch']), [
      'Serch',
      'search',
      'research',
    ]);
  });
  it('are none when nothing is near', () => assert.deepEqual(nearestNames('zzz', ['search']), []));
});

describe('redaction', () => {
  it('takes every occurrence, the longer secret first, and leaves short values alone', () => {
    assert.equal(
      redactValues('token-abc-def token-abc no', ['token-abc', 'token-abc-def', 'no']),
      '[secret] [secret] no',
    );
  });
});

describe('text from a server', () => {
  it('gives no orders to a terminal', () => {
    assert.equal(
      withoutControls('\u001b[31mred\u001b[0m\u001b]0;title\u0007 a\tb\nc\r\u0008\u009b31m'),
      'red a\tb\nc31m',
    );
  });
});

describe('a slug', () => {
  it('has no dots, so that a tool name splits at the first one', () => {
    assert.equal(slug('My Server.v2'), 'my-server-v2');
    assert.equal(slug('..'), '');
    assert.equal(slug('  a__b  '), 'a__b');
  });
});
