/** Known credentials are found by exact value, in every encoding, wherever they stand in a text. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { KnownSecrets } from '../../../../src/middleware/minimize/known-secrets.ts';
import { MultiMatcher } from '../../../../src/middleware/minimize/multi-matcher.ts';

const hex = (text: string): string => Buffer.from(text).toString('hex');

const ENCODINGS: Readonly<Record<string, (secret: string) => string>> = {
  raw: (secret) => secret,
  base64: (secret) => Buffer.from(secret).toString('base64'),
  base64url: (secret) => Buffer.from(secret).toString('base64url'),
  'URL-encoded': (secret) => encodeURIComponent(secret),
  'double URL-encoded': (secret) => encodeURIComponent(encodeURIComponent(secret)),
  hex,
  'JSON-escaped': (secret) => JSON.stringify(secret).slice(1, -1),
  'HTML-escaped': (secret) =>
    secret
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;'),
};

const secretsOf = (...secrets: string[]): KnownSecrets => new KnownSecrets({ secrets: () => secrets });

describe('known credentials', () => {
  for (const [name, encode] of Object.entries(ENCODINGS)) {
    it(`are taken out when ${name}, whatever characters they hold`, () => {
      const secret = fc.string({ minLength: 6, maxLength: 40, unit: 'grapheme' }).filter((text) => text.length >= 6);
      fc.assert(
        fc.property(secret, (value) => {
          assert.equal(secretsOf(value).redact(`<< ${encode(value)} >>`), '<< [REDACTED] >>');
        }),
      );
    });
  }

  it('are taken out of a base64 text that holds more than them', () => {
    const secret = 'correct-horse-battery';
    for (const user of ['a', 'ab', 'abc']) {
      const header = Buffer.from(`${user}:${secret}`).toString('base64');
      const left = secretsOf(secret).redact(`Basic ${header}`);
      assert.match(left, /\[REDACTED\]/);
      const rest = Buffer.from(left.replace('Basic ', '').replace('[REDACTED]', ''), 'base64').toString();
      assert.ok(!rest.includes('horse'));
    }
  });

  it('are taken out in upper-case hex and with lower-case URL escapes', () => {
    const secret = 'pa/ss+wörd';
    const known = secretsOf(secret);
    assert.equal(known.redact(hex(secret).toUpperCase()), '[REDACTED]');
    assert.equal(known.redact('pa%2fss%2bw%c3%b6rd'), '[REDACTED]');
  });

  it('are found next to each other and at both ends', () => {
    assert.equal(
      secretsOf('alpha-1', 'beta-22').redact('alpha-1beta-22 and alpha-1'),
      '[REDACTED][REDACTED] and [REDACTED]',
    );
  });

  it('go as a whole when one is the beginning of another', () => {
    assert.equal(secretsOf('token', 'token-with-tail').redact('my token-with-tail'), 'my [REDACTED]');
  });

  it('leave a text without them as it is', () => {
    const text = 'nothing to see here, move along';
    assert.equal(secretsOf('hunter22').redact(text), text);
    assert.equal(secretsOf().redact(text), text);
  });

  it('too short to be told from words are not searched for', () => {
    assert.equal(secretsOf('abc', '1').redact('abc 1'), 'abc 1');
    assert.throws(() => new KnownSecrets({ secrets: () => [], minLength: 2 }), /at least 4, not 2/);
  });

  it('are worked out again when the list changes', () => {
    let list: readonly string[] = ['first-one'];
    const known = new KnownSecrets({ secrets: () => list });
    assert.equal(known.redact('first-one second-one'), '[REDACTED] second-one');
    list = ['second-one'];
    assert.equal(known.redact('first-one second-one'), 'first-one [REDACTED]');
    list = [];
    assert.equal(known.active, false);
  });
});

describe('the search for many texts', () => {
  it('finds what a naive search finds', () => {
    const word = fc.stringMatching(/^[ab]{3,6}$/);
    fc.assert(
      fc.property(
        fc.uniqueArray(word, { minLength: 1, maxLength: 8 }),
        fc.stringMatching(/^[abc]{0,60}$/),
        (words, text) => {
          assert.equal(new MultiMatcher(words).replace(text, '#'), naive(words, text));
        },
      ),
    );
  });
});

function naive(words: readonly string[], text: string): string {
  let out = '';
  for (let at = 0; at < text.length; ) {
    const found = words.filter((word) => text.startsWith(word, at)).sort((a, b) => b.length - a.length)[0];
    out += found === undefined ? text.charAt(at) : '#';
    at += found?.length ?? 1;
  }
  return out;
}

describe('known credentials in logs', () => {
  it('lose their start where a text was cut, and every line where they go over several', () => {
    const known = new KnownSecrets({ secrets: () => ['hunter2-hunter2-hunter2', 'first-line\nsecond-line'] });
    assert.equal(known.redact('wrote "the hunter2-hunt…" to its log'), 'wrote "the [REDACTED]…" to its log');
    assert.equal(known.redact('aHVudGVyMi1odW…'), '[REDACTED]…');
    assert.equal(known.redact('the hunter…'), 'the hunter…');
    assert.equal(known.redact('a second-line alone'), 'a [REDACTED] alone');
  });
});
