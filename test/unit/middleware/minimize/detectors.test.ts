/** Secrets and personal data by their shape: what is recognised, and what only looks like it. */
import assert from 'node:assert/strict';
import { DETECTORS, type DetectorName, detector } from '../../../../src/middleware/minimize/detectors.ts';

const SEEN: Readonly<Record<DetectorName, readonly string[]>> = {
  email: ['ada@example.org', 'first.last+tag@mail.example.co.uk', 'A_B%c@x-y.example'],
  phone: ['+49 30 1234567', '+1 (415) 555-2671', '(415) 555-2671', '415-555-2671', '+442079460958'],
  card: ['4111111111111111', '4111 1111 1111 1111', '5500-0000-0000-0004', '378282246310005'],
  iban: ['DE89370400440532013000', 'GB82 WEST 1234 5698 7654 32', 'FR1420041010050500013M02606'],
  ssn: ['123-45-6789', '078 05 1120'],
  ip: ['10.0.0.1', '255.255.255.255', '2001:db8::1', 'fe80:0:0:0:0:0:0:1', '::1'],
  token: [
    `ghp_${'a1B2'.repeat(9)}`,
    `github_pat_${'a1B2_'.repeat(14)}`,
    'AKIAABCDEFGHIJKLMNOP',
    `sk-ant-${'a1B2'.repeat(10)}`,
    `xoxb-${'12345-abcde'.repeat(2)}`,
    `glpat-${'a1B2'.repeat(6)}`,
  ],
  jwt: ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-DEF_123'],
  privateKey: [
    '-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----',
    '-----BEGIN PRIVATE KEY-----\nMIIEow and the rest was cut off',
  ],
};

const NOT_SEEN: Readonly<Record<DetectorName, readonly string[]>> = {
  email: ['@decorator', 'a@b', 'npm install pkg@1.2.3'],
  phone: ['1234567890', '2026-11-22', '10.0.0.1', 'build 415-555'],
  card: ['4111111111111112', '1234567890', '1747000000000000'],
  iban: ['DE00370400440532013000', 'AB12CDEF'],
  ssn: ['000-12-3456', '666-12-3456', '123-00-4567', '123-45-0000', '123456789', '123-45 6789'],
  ip: ['1.2.3', '256.1.1.1', '1.2.3.4.5', '12:30:45', 'a::b::c', 'std::vector', '::', '00:1b:44:11:3a:b7'],
  token: ['ghp_short', 'AKIA', 'task-anteroom-of-the-very-long-kind'],
  jwt: ['eyJhbGciOiJIUzI1NiJ9', 'eyJ.eyJ.x'],
  privateKey: ['-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----'],
};

describe('detectors', () => {
  for (const name of DETECTORS) {
    it(`recognise ${name} inside a sentence`, () => {
      for (const sample of SEEN[name]) {
        const text = detector(name)(`before ${sample}`);
        assert.match(text, /^before \[REDACTED:[a-z ]+\]$/, sample);
      }
    });

    it(`leave alone what only looks like ${name}`, () => {
      for (const sample of NOT_SEEN[name])
        assert.equal(detector(name)(`before ${sample} after`), `before ${sample} after`);
    });

    it(`take no longer than the text is long for ${name}`, () => {
      for (const piece of [
        'a',
        '1',
        'a.',
        '1 ',
        'A1',
        'eyJ',
        '-----BEGIN PRIVATE KEY-----',
        'a@',
        'DE89 ',
        '+1',
        '1:',
        'a::',
        '123-',
      ]) {
        const text = piece.repeat(200_000 / piece.length);
        const started = performance.now();
        detector(name)(text);
        assert.ok(performance.now() - started < 1_000, `${JSON.stringify(piece)} repeated`);
      }
    });
  }

  it('keep the words after an IBAN', () => {
    assert.equal(detector('iban')('DE89 3704 0044 0532 0130 00 AND MORE'), '[REDACTED:iban] AND MORE');
  });

  it('that do not exist are refused with those that do', () => {
    assert.throws(
      () => detector('passport' as DetectorName),
      /there is no detector "passport"; there are email, phone/,
    );
  });
});
