/** What may be shown of arguments. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { JsonValue } from '../../../src/base/json.ts';
import { sanitize } from '../../../src/middleware/sanitize.ts';

const shown = (value: JsonValue): JsonValue => sanitize(value, (text) => text);

describe('sanitize', () => {
  it('hides what stands behind a telling name inside a text', () => {
    const texts = {
      json: '{"user":"ann","password":"hunter2 and more","n":1}',
      escaped: '{\\"api_key\\":\\"hunter2\\"}',
      query: 'https://example.org/a?access_token=hunter2&page=2',
      url: 'postgres://ann:hunter2@db/app',
      header: 'Authorization: Bearer hunter2hunter2',
      apiKey: 'X-Api-Key: hunter2',
      form: "user=ann; client_secret='hunter2 two'",
    };
    const result = shown(texts) as Record<string, string>;
    assert.ok(!JSON.stringify(result).includes('hunter2'), JSON.stringify(result));
    assert.equal(result.query, 'https://example.org/a?access_token=[REDACTED]&page=2');
    assert.equal(result.json, '{"user":"ann","password":[REDACTED],"n":1}');
  });

  it('leaves ordinary texts as they are', () => {
    for (const text of ['the monkey ate: a banana', 'see https://example.org/a?b=c', 'keyboard=qwerty', 'a: b']) {
      assert.equal(shown(text), text);
    }
  });

  it('never shows the value of a field named like a secret, in any case and depth', () => {
    const name = fc
      .tuple(
        fc.constantFrom('', 'my', 'x-', 'client_'),
        fc.constantFrom('password', 'token', 'apiKey', 'key', 'secret', 'Access-Key', 'private_key', 'credentials'),
      )
      .chain(([before, word]) => {
        const joined = before === '' || /[-_]$/.test(before) ? before + word : `${before}_${word}`;
        return fc.constantFrom(joined, joined.toUpperCase(), joined.toLowerCase());
      });
    fc.assert(
      fc.property(name, fc.array(fc.constantFrom('a', 'list'), { maxLength: 12 }), (field, path) => {
        const leaf: JsonValue = { [field]: ['hunter2', { deep: 'hunter2' }] };
        const value = path.reduceRight<JsonValue>(
          (inner, step) => (step === 'list' ? [inner] : { [step]: inner }),
          leaf,
        );
        return !JSON.stringify(shown(value)).includes('hunter2');
      }),
    );
  });

  it('takes no longer for a text made to be slow', () => {
    for (const text of ['a'.repeat(999), 'key='.repeat(250), '"key":"\\'.repeat(120), 'token: '.repeat(140)]) {
      const startedAt = performance.now();
      shown(text);
      assert.ok(performance.now() - startedAt < 200, text.slice(0, 20));
    }
  });
});
