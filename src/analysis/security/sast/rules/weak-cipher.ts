/** CWE-327: a cipher, or a mode of one, that is broken. */
import type { SastRule } from '../rule.ts';

const BROKEN =
  /^(des|des-?ede3?|3des|tripledes|rc2|rc4|arcfour|blowfish|bf|idea|seed|cast5?)([-/]|$)|(^|[-/])ecb([-/]|$)/i;

export const weakCipher: SastRule = {
  id: 'sast/weak-cipher',
  title: 'Broken cipher',
  cwe: 'CWE-327',
  severity: 'medium',
  confidence: 'high',
  rationale: 'DES, RC4, Blowfish and the ECB mode are broken: what they hide can be read.',
  help: 'Use AES in GCM mode (or ChaCha20-Poly1305) with a fresh nonce for every message.',
  hint: /cipher|\bDES|ARC4|Blowfish|MODE_ECB/i,
  sanitizers: [],
  sinks: [
    {
      on: 'call',
      language: 'javascript',
      callees: ['crypto.createCipheriv', 'crypto.createDecipheriv', 'createCipheriv', 'createDecipheriv'],
      when: 'always',
      text: BROKEN,
    },
    { on: 'call', language: 'javascript', callees: ['crypto.createCipher', 'crypto.createDecipher'], when: 'always' },
    {
      on: 'call',
      language: 'python',
      callees: [
        'Crypto.Cipher.DES.new',
        'Crypto.Cipher.DES3.new',
        'Crypto.Cipher.ARC4.new',
        'Crypto.Cipher.ARC2.new',
        'Crypto.Cipher.Blowfish.new',
        'Cryptodome.Cipher.DES.new',
        'Cryptodome.Cipher.ARC4.new',
      ],
      when: 'always',
    },
    {
      on: 'call',
      language: 'java',
      callees: ['Cipher.getInstance', 'javax.crypto.Cipher.getInstance'],
      when: 'always',
      text: /^(des|desede|rc2|rc4|arcfour|blowfish)([/]|$)|\/ecb\/|^aes$/i,
      unlessText: /^rsa/i,
    },
  ],
  bad: [
    {
      language: 'javascript',
      code: "const crypto = require('crypto');\nconst c = crypto.createCipheriv('des-ede3-cbc', key, iv);",
      lines: [2],
    },
    {
      language: 'python',
      code: 'from Crypto.Cipher import DES\ndef hide(key):\n    return DES.new(key, DES.MODE_CBC)\n',
      lines: [3],
    },
    {
      language: 'java',
      code: 'class A { Object a() throws Exception {\n  return Cipher.getInstance("AES/ECB/PKCS5Padding");\n} }',
      lines: [2],
    },
  ],
  good: [
    {
      language: 'javascript',
      code: "const crypto = require('crypto');\nconst c = crypto.createCipheriv('aes-256-gcm', key, iv);",
    },
    {
      language: 'python',
      code: 'from Crypto.Cipher import AES\ndef hide(key):\n    return AES.new(key, AES.MODE_GCM)\n',
    },
    {
      language: 'java',
      code: 'class A { Object a() throws Exception { return Cipher.getInstance("AES/GCM/NoPadding"); } }',
    },
  ],
};
