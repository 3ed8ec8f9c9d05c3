/** Output schemas of untrusted servers: checked, in bounded time, and what is not checked is said. */
import assert from 'node:assert/strict';
import { compileOutputSchema } from '../../../src/mcp/output-schema.ts';

const withPattern = (pattern: string) =>
  compileOutputSchema({ type: 'object', properties: { a: { type: 'string', pattern } } });

describe('an output schema', () => {
  it('names what breaks it, and where', () => {
    const { check } = compileOutputSchema({ type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] });
    assert.deepEqual(check({ n: 1 }), []);
    assert.deepEqual(check({ n: 'x' }), ['/n must be integer']);
    assert.deepEqual(check({}), ["the result must have required property 'n'"]);
  });

  it('cannot stop the clock with a pattern', () => {
    const { check, notes } = withPattern('^(a+)+$');
    const from = performance.now();
    assert.deepEqual(check({ a: `${'a'.repeat(50_000)}!` }), ['/a must match pattern "^(a+)+$"']);
    assert.deepEqual(check({ a: 'aaa' }), []);
    assert.ok(performance.now() - from < 1_000);
    assert.deepEqual(notes, []);
  });

  it('keeps two patterns apart', () => {
    const { check } = compileOutputSchema({
      type: 'object',
      properties: { a: { type: 'string', pattern: '^a$' }, b: { type: 'string', pattern: '^b$' } },
    });
    assert.deepEqual(check({ a: 'a', b: 'b' }), []);
    assert.deepEqual(check({ a: 'a', b: 'a' }), ['/b must match pattern "^b$"']);
  });

  it('says that a look-ahead is not validated, and lets it pass', () => {
    const { check, notes } = withPattern('^(?=x)x$');
    assert.deepEqual(check({ a: 'y' }), []);
    assert.match(notes[0] ?? '', /the pattern .* is not validated/);
  });

  it('says so of a schema that it cannot read at all', () => {
    for (const schema of [{ $ref: 'https://example.com/schema' }, { type: 'nonsense' }, { $ref: '#/nowhere' }]) {
      const { check, notes } = compileOutputSchema(schema);
      assert.deepEqual(check(1), []);
      assert.match(notes[0] ?? '', /the output schema is not validated/);
    }
  });

  it('compares a long list of items in one pass', () => {
    const { check } = compileOutputSchema({ type: 'array', uniqueItems: true });
    const items = Array.from({ length: 30_000 }, (_, index) => ({ index, text: 'x' }));
    const from = performance.now();
    assert.deepEqual(check(items), []);
    assert.deepEqual(check([...items, { text: 'x', index: 3 }]), [
      'the result must pass "uniqueItems" keyword validation',
    ]);
    assert.ok(performance.now() - from < 2_000);
  });

  it('knows the older dialect too', () => {
    const schema = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'array',
      items: [{ type: 'string' }],
      additionalItems: false,
    };
    assert.deepEqual(compileOutputSchema(schema).check(['a', 'b']), ['the result must NOT have more than 1 items']);
  });
});
