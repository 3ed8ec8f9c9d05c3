/** CWE-328: a hash that can be forged. */
import type { SastRule } from '../rule.ts';

export const weakHash: SastRule = {
  id: 'sast/weak-hash',
  title: 'Weak hash',
  cwe: 'CWE-328',
  severity: 'low',
  confidence: 'medium',
  rationale: 'MD5 and SHA-1 can be forged: they protect neither passwords nor signatures nor downloads.',
  help: 'Use SHA-256 or better; for passwords scrypt, bcrypt or Argon2. For a mere checksum say so (usedforsecurity=False).',
  hint: /md5|sha-?1\b/i,
  sanitizers: [],
  sinks: [
    {
      on: 'call',
      language: 'javascript',
      callees: ['crypto.createHash', 'crypto.createHmac', 'createHash'],
      when: 'always',
      text: /^(md[245]|sha-?1)$/i,
    },
    {
      on: 'call',
      language: 'python',
      callees: ['hashlib.md5', 'hashlib.sha1', 'Crypto.Hash.MD5.new', 'Crypto.Hash.SHA.new'],
      argument: 'any',
      when: 'always',
      named: [{ name: 'usedforsecurity', value: /^True$/, orMissing: true }],
    },
    {
      on: 'call',
      language: 'python',
      callees: ['hashlib.new'],
      when: 'always',
      text: /^(md[245]|sha-?1)$/i,
      named: [{ name: 'usedforsecurity', value: /^True$/, orMissing: true }],
    },
    {
      on: 'call',
      language: 'java',
      callees: ['MessageDigest.getInstance', 'java.security.MessageDigest.getInstance'],
      when: 'always',
      text: /^(md[245]|sha-?1)$/i,
    },
    {
      on: 'call',
      language: 'java',
      callees: ['DigestUtils.md5', 'DigestUtils.md5Hex', 'DigestUtils.sha1', 'DigestUtils.sha1Hex'],
      argument: 'any',
      when: 'always',
    },
  ],
  bad: [
    {
      language: 'javascript',
      code: "const crypto = require('crypto');\nconst digest = crypto.createHash('md5').update(x).digest('hex');",
      lines: [2],
    },
    {
      language: 'python',
      code: 'import hashlib\ndef digest(data):\n    return hashlib.sha1(data).hexdigest()\n',
      lines: [3],
    },
    {
      language: 'java',
      code: 'class A { Object a() throws Exception {\n  return MessageDigest.getInstance("MD5");\n} }',
      lines: [2],
    },
  ],
  good: [
    { language: 'javascript', code: "const crypto = require('crypto');\nconst digest = crypto.createHash('sha256');" },
    {
      language: 'python',
      code: 'import hashlib\ndef digest(data):\n    return hashlib.md5(data, usedforsecurity=False).hexdigest()\n',
    },
    {
      language: 'java',
      code: 'class A { Object a() throws Exception { return MessageDigest.getInstance("SHA-256"); } }',
    },
  ],
};
