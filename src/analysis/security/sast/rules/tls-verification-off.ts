/** CWE-295: the other side of a connection is not asked who it is. */
import type { SastRule } from '../rule.ts';

const HTTP_CALLS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'request'];

export const tlsVerificationOff: SastRule = {
  id: 'sast/tls-verification-off',
  title: 'TLS verification is off',
  cwe: 'CWE-295',
  severity: 'high',
  confidence: 'high',
  rationale: 'Certificates are not checked: anyone on the way can read and change what is sent.',
  help: 'Leave verification on; give the certificate of a private authority as a trusted one instead.',
  hint: /rejectUnauthorized|NODE_TLS_REJECT_UNAUTHORIZED|verify|_create_unverified_context|CERT_NONE/i,
  sanitizers: [],
  sinks: [
    {
      on: 'entry',
      language: 'javascript',
      keys: ['rejectUnauthorized', 'strictSSL'],
      when: 'always',
      value: /^(false|0|!1)$/,
    },
    {
      on: 'write',
      language: 'javascript',
      properties: ['rejectUnauthorized', 'strictSSL'],
      when: 'always',
      value: /^(false|0|!1)$/,
    },
    {
      on: 'write',
      language: 'javascript',
      properties: ['NODE_TLS_REJECT_UNAUTHORIZED'],
      when: 'always',
      value: /^['"]?0['"]?$/,
    },
    {
      on: 'call',
      language: 'python',
      callees: HTTP_CALLS.flatMap((name) => [`requests.${name}`, `httpx.${name}`, `*.${name}`]),
      argument: 'any',
      when: 'always',
      named: [{ name: 'verify', value: /^False$/ }],
    },
    {
      on: 'call',
      language: 'python',
      callees: ['httpx.Client', 'httpx.AsyncClient', 'requests.Session'],
      argument: 'any',
      when: 'always',
      named: [{ name: 'verify', value: /^False$/ }],
    },
    { on: 'call', language: 'python', callees: ['ssl._create_unverified_context'], argument: 'any', when: 'always' },
    { on: 'write', language: 'python', properties: ['verify_mode'], when: 'always', value: /\bCERT_NONE$/ },
    {
      on: 'write',
      language: 'python',
      properties: ['_create_default_https_context'],
      when: 'always',
      value: /_create_unverified_context$/,
    },
  ],
  bad: [
    { language: 'javascript', code: 'const agent = new https.Agent({\n  rejectUnauthorized: false,\n});', lines: [2] },
    { language: 'javascript', code: "process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';", lines: [1] },
    {
      language: 'python',
      code: 'import requests\ndef load(url):\n    return requests.get(url, verify=False)\n',
      lines: [3],
    },
    { language: 'python', code: 'import ssl\ncontext = ssl._create_unverified_context()\n', lines: [2] },
  ],
  good: [
    { language: 'javascript', code: 'const agent = new https.Agent({ rejectUnauthorized: true });' },
    {
      language: 'python',
      code: "import requests\ndef load(url):\n    return requests.get(url, verify='/etc/ca.pem')\n",
    },
    { language: 'python', code: 'import ssl\ncontext = ssl.create_default_context()\n' },
  ],
};
