/** Secrets in texts of many kinds: what is found, what is not, and how little of it is shown. */
import assert from 'node:assert/strict';
import { scanSecrets } from '../../../../../src/analysis/security/secrets/scan-secrets.ts';

/** Values are put together here, so that no scanner takes this file for a leak. */
const join = (...parts: readonly string[]): string => parts.join('');
const PASSWORD = join('Zk9', '!aa72q');
const HEX = join('8f14e45fceea167a', '5a36dedd4bea2543');
const TOKEN = join('kJ8s92mxz', 'QWplm77aRt4');
const GITHUB = join('ghp_', 'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx');
const AWS = join('AKIA', 'Q3EGRZ7BXVNPYTLM');
const JWT = join(
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9',
  '.eyJzdWIiOiI4ODEyMyIsIm5hbWUiOiJBbm4ifQ',
  '.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U',
);
const KEY_BODY = join(
  'MIIEpAIBAAKCAQEA04up8hoqzS1+APIB0RhjXyObwHQnOzhAk5Bd7mhkSbPkyhP1',
  '\niWlX9HNavcydATJc1f0DpzF0u4zY8PY24RVoW8vk+bJANPp1o2IAkeajCaF3w9nf\n',
);

interface Case {
  readonly what: string;
  readonly file: string;
  readonly text: string;
  readonly value: string;
  readonly rule?: string;
  readonly line?: number;
}

const FOUND: readonly Case[] = [
  {
    what: 'an assignment in Python',
    file: 'src/a.py',
    text: `x = 1\ndb_password = "${PASSWORD}"\n`,
    value: PASSWORD,
    line: 2,
  },
  { what: 'an annotated assignment', file: 'src/a.py', text: `password: str = '${PASSWORD}'`, value: PASSWORD },
  {
    what: 'a default for an environment variable',
    file: 'src/a.py',
    text: `key = os.environ.get("API_KEY", "${HEX}")`,
    value: HEX,
  },
  { what: 'a fallback behind ||', file: 'src/a.js', text: `const t = process.env.TOKEN || '${HEX}';`, value: HEX },
  {
    what: 'an object entry',
    file: 'src/a.ts',
    text: `connect({ user: 'a', clientSecret: "${TOKEN}" });`,
    value: TOKEN,
  },
  { what: 'a comparison', file: 'src/a.js', text: `if (password === "${PASSWORD}") ok();`, value: PASSWORD },
  { what: 'a setter', file: 'src/A.java', text: `source.setPassword("${PASSWORD}");`, value: PASSWORD },
  { what: 'a pair of arguments', file: 'src/A.java', text: `p.put("password", "${PASSWORD}");`, value: PASSWORD },
  { what: 'a Go declaration', file: 'a.go', text: `apiKey := "${HEX}"`, value: HEX },
  { what: 'a PHP constant', file: 'a.php', text: `define('DB_PASSWORD', '${PASSWORD}');`, value: PASSWORD },
  { what: 'a Ruby hash', file: 'a.rb', text: `{ :secret_token => '${HEX}' }`, value: HEX },
  {
    what: 'a C# connection string',
    file: 'A.cs',
    text: `var c = "Server=x;Uid=sa;Pwd=${PASSWORD};Database=d";`,
    value: PASSWORD,
  },
  {
    what: 'JSON inside a string',
    file: 'a.js',
    text: `const s = "{\\"password\\": \\"${PASSWORD}\\"}";`,
    value: PASSWORD,
  },
  { what: 'a .env file', file: '.env', text: `A=1\nAPI_SECRET=${TOKEN}\n`, value: TOKEN, line: 2 },
  {
    what: 'YAML without quotes',
    file: 'config/app.yml',
    text: `db:\n  password: ${PASSWORD}\n`,
    value: PASSWORD,
    line: 2,
  },
  {
    what: 'a name and a value in YAML',
    file: 'deploy.yaml',
    text: `- name: DB_PASSWORD\n  value: ${PASSWORD}\n`,
    value: PASSWORD,
    line: 2,
  },
  {
    what: 'a properties file',
    file: 'application.properties',
    text: `spring.datasource.password=${PASSWORD}`,
    value: PASSWORD,
  },
  { what: 'an ini file', file: 'setup.ini', text: `[db]\npasswd = ${PASSWORD}`, value: PASSWORD, line: 2 },
  { what: 'TOML', file: 'a.toml', text: `access_key = "${HEX}"`, value: HEX },
  { what: 'a shell script', file: 'run.sh', text: `export DB_PASS='${PASSWORD}'`, value: PASSWORD },
  { what: 'a Dockerfile', file: 'Dockerfile', text: `FROM x\nENV API_TOKEN ${HEX}`, value: HEX, line: 2 },
  { what: 'an option of a command', file: 'run.sh', text: `tool --password ${PASSWORD} --verbose`, value: PASSWORD },
  { what: 'an XML element', file: 'a.xml', text: `<password>${PASSWORD}</password>`, value: PASSWORD },
  { what: 'XML attributes', file: 'web.config', text: `<add key="ApiSecret" value="${TOKEN}"/>`, value: TOKEN },
  { what: 'JSON', file: 'a.json', text: `{"private_key_id": 1, "auth_token": "${HEX}"}`, value: HEX },
  { what: 'a bearer header', file: 'a.js', text: `headers: { Authorization: "Bearer ${HEX}" }`, value: HEX },
  {
    what: 'an address with a password',
    file: 'a.js',
    text: `open("postgres://app:${PASSWORD}@db.prod.internal/x")`,
    value: PASSWORD,
    rule: 'secret/url-credentials',
  },
  {
    what: 'an address whose user is called user',
    file: 'a.py',
    text: `URL = "https://user:${PASSWORD}@git.acme.io/x"`,
    value: PASSWORD,
    rule: 'secret/url-credentials',
  },
  {
    what: 'an index in requirements.txt',
    file: 'requirements.txt',
    text: `flask\n--index-url https://ci:${PASSWORD}@pypi.acme.io/simple\n`,
    value: PASSWORD,
    line: 2,
  },
  { what: 'a setting in a text file', file: 'config.txt', text: `db_password: ${PASSWORD}\n`, value: PASSWORD },
  {
    what: 'curl with a password',
    file: 'run.sh',
    text: `curl -s -u admin:${PASSWORD} https://x.internal/`,
    value: PASSWORD,
    rule: 'secret/command-credentials',
  },
  { what: 'a JSON web token', file: 'a.js', text: `send("${JWT}")`, value: JWT, rule: 'secret/jwt' },
  {
    what: 'a private key',
    file: 'deploy/id_rsa',
    text: `-----BEGIN RSA PRIVATE KEY-----\n${KEY_BODY}-----END RSA PRIVATE KEY-----\n`,
    value: KEY_BODY,
    rule: 'secret/private-key',
  },
  {
    what: 'a GitHub token anywhere',
    file: 'notes',
    text: `remember ${GITHUB} for later`,
    value: GITHUB,
    rule: 'secret/github-token',
  },
  { what: 'an AWS key id', file: 'a.tf', text: `x = "${AWS}"`, value: AWS, rule: 'secret/aws-access-key' },
];

const NOT_FOUND: readonly (readonly [what: string, file: string, text: string])[] = [
  [
    'placeholders',
    'a.py',
    'password = "changeme"\napi_key = "your-api-key-here"\nsecret = "<secret>"\ntoken = "xxxxxxxxxxxxxxxx"',
  ],
  ['references', '.env', `PASSWORD=$DB_PASS\nTOKEN=\${TOKEN}\nSECRET=$(cat file)\nAPI_KEY=`],
  [
    'look-ups',
    'a.js',
    'const password = process.env.PASSWORD; const token = config.get("auth.token"); const apiKey = getKey(name);',
  ],
  ['templates', 'a.py', 'password = f"{prefix}-{user}"\ntoken = "%s" % value\nsecret = "{{ vault_secret }}"'],
  [
    'labels',
    'a.ts',
    'const labels = { password: "Password", passwordLabel: "Enter your password", showPassword: "Show1 it" };',
  ],
  [
    'names of things',
    'a.js',
    'const tokenType = "id_token_v2"; const secretName = "prod/db/main1"; const passwordField = "user_password2";',
  ],
  ['types and sizes', 'a.ts', 'interface A { password: string; tokenLength: 32; maxTokens: 4096 }'],
  [
    'public keys and checksums',
    'a.json',
    `{"publicKey": "${HEX}", "sha256": "${HEX}", "integrity": "${HEX}", "cacheKey": "${HEX}"}`,
  ],
  [
    'paths and addresses',
    'a.yml',
    'secret: /run/secrets/db\nprivate_key: ./keys/server.pem\ntoken_url: https://x.internal/oauth/token',
  ],
  ['translations', 'src/i18n/de.json', `{"password": "Passwort1!", "token": "${TOKEN}"}`],
  ['the first of two choices', 'a.ts', "say(ok ? 'pass' : 'information')"],
  ['a method of a password', 'a.py', 'password.encode("latin1")'],
  ['strings put together', 'a.js', 'const token = "abc12345" + suffix;'],
  [
    'the rest of a message',
    'A.java',
    'log("serviceKey:" + size + ", next:" + other); log("token = " + count9 + " of 12");',
  ],
  [
    'names of settings',
    'A.java',
    'String ACCESS_KEY_ID_KEY = ".accessKeyId"; String SECRET_KEY = "app.security.secretKey";',
  ],
  ['lists of names', 'a.js', "const keys = ['user', 'password', 'options1', 'token', 'a1b2c3d4'];"],
  ['example hosts', 'a.md', 'https://user:password@example.com/ and postgres://postgres:postgres@localhost/db'],
  [
    'stand-ins in addresses',
    'a.py',
    ['password', 'pass', 'xxx', '<password>', `\${PASSWORD}`]
      .map((one) => `"https://user:${one}@git.acme.io/x"`)
      .join('\n'),
  ],
  ['a header of a key alone', 'a.js', 'if (text.includes("-----BEGIN PRIVATE KEY-----")) parse();'],
  ['digests of a lockfile', 'package-lock.json', `{"token": "${HEX}", "integrity": "sha512-${TOKEN}${TOKEN}=="}`],
];

describe('scanSecrets', () => {
  for (const { what, file, text, value, rule, line } of FOUND) {
    it(`finds ${what}`, async () => {
      const drafts = await scanSecrets(file, text);
      assert.equal(drafts.length, 1, JSON.stringify(drafts));
      if (rule !== undefined) assert.equal(drafts[0]?.ruleId, rule);
      assert.equal(drafts[0]?.startLine, line ?? 1);
      assert.equal(drafts[0]?.kind, 'secret');
      assertHidden(drafts, value);
    });
  }

  for (const [what, file, text] of NOT_FOUND) {
    it(`is silent about ${what}`, async () => {
      assert.deepEqual(await scanSecrets(file, text), []);
    });
  }

  it('shows at most the first four characters and the length', async () => {
    const [draft] = await scanSecrets('a.py', `api_key = "${HEX}"`);
    assert.match(draft?.message ?? '', /`api_key`: 8f14… \(32 characters\)/);
    const [short] = await scanSecrets('a.py', `password = "${PASSWORD}"`);
    assert.match(short?.message ?? '', /: … \(9 characters\)/);
  });

  it('shows the first characters of a value, not of the name in front of it', async () => {
    const value = join('wJalrXUtnFIMI/K7', 'MDQNG/bPxRfiCYzQ8vB2nM4k');
    for (const text of [`AWS_SECRET_ACCESS_KEY=${value}\n`, `aws_secret_access_key: "${value}"\n`]) {
      const drafts = await scanSecrets('a.env', text);
      assert.equal(drafts.length, 1);
      assert.match(drafts[0]?.message ?? '', /: wJal… \(40 characters\)/);
      assertHidden(drafts, value);
    }
  });

  it('takes one plain word in quotes for a bad password, but is not sure', async () => {
    const [draft] = await scanSecrets('src/a.py', `db_password = "${join('sun', 'shine')}"`);
    assert.deepEqual([draft?.severity, draft?.confidence], ['medium', 'low']);
  });

  it('rates what stands in tests and examples lower', async () => {
    const text = `api_key = "${HEX}"`;
    const severityIn = async (file: string): Promise<string | undefined> =>
      (await scanSecrets(file, text))[0]?.severity;
    assert.equal(await severityIn('src/app.py'), 'high');
    assert.equal(await severityIn('tests/test_app.py'), 'low');
    assert.equal(await severityIn('examples/app.py'), 'low');
    assert.equal(await severityIn('docs/setup.md'), 'low');
    for (const file of ['requirements.txt', 'constraints.txt', 'config.txt', 'server.log'])
      assert.equal(await severityIn(file), 'high', file);
  });

  it('reports a token that several detectors know once, under its own name', async () => {
    const drafts = await scanSecrets('a.js', `const githubToken = "${GITHUB}";`);
    assert.deepEqual(
      drafts.map((draft) => draft.ruleId),
      ['secret/github-token'],
    );
  });

  it('keeps its identity when the lines above change, and gets another with another value', async () => {
    const identityOf = async (text: string): Promise<readonly string[] | undefined> =>
      (await scanSecrets('a.py', text))[0]?.identity;
    const first = await identityOf(`api_key = "${HEX}"`);
    assert.deepEqual(await identityOf(`\n\napi_key = "${HEX}"`), first);
    assert.notDeepEqual(await identityOf(`api_key = "${TOKEN}"`), first);
    assert.ok((first?.[1]?.length ?? 9) <= 2, 'more than a trace of the value');
  });

  it('leaves nothing behind in the performance timeline, however many files it has seen', async () => {
    const before = performance.getEntries().length;
    await scanSecrets('a.py', `api_key = "${HEX}"`);
    assert.equal(performance.getEntries().length, before);
  });

  it('gives the same answer twice', async () => {
    const text = FOUND.map((one) => one.text).join('\n');
    assert.deepEqual(await scanSecrets('a.env', text), await scanSecrets('a.env', text));
  });

  for (const piece of [
    'password="',
    'password=:',
    'key ',
    'http://',
    'eyJ',
    '-----BEGIN PRIVATE KEY-----',
    'curl -u ',
    'token\n',
    'a1',
  ])
    it(`is done with 2 MB of ${JSON.stringify(piece)} in time`, async function () {
      // Half a second is usual; a pattern that is not linear needs hours.
      this.timeout(20_000);
      await scanSecrets('a.js', piece.repeat(2_000_000 / piece.length));
    });
});

function assertHidden(drafts: readonly unknown[], value: string): void {
  const text = JSON.stringify(drafts);
  assert.ok(!text.includes(value), 'the value is repeated');
  const line = value.split('\n')[0] ?? value;
  assert.ok(!text.includes(line.slice(0, 5)), `more than four characters of the value are shown: ${text}`);
  assert.ok(!text.includes(line.slice(-5)), `the end of the value is shown: ${text}`);
}
