/** Credentials that are known by their format, their place in a file or in a call: what is found, and how sure that is. */
import assert from 'node:assert/strict';
import { scanSecrets } from '../../../../../src/analysis/security/secrets/scan-secrets.ts';

/** Values are put together here, so that no scanner takes this file for a leak. */
const join = (...parts: readonly string[]): string => parts.join('');
const WORDS = join('Corr3ct', '!horse9');
const HEX = join('8f14e45fceea167a', '5a36dedd4bea2543');
const LONG = join('qT7zLm2Wc9Xv4Bn8', 'Rk5Pd1Hs6Jf3Ga0Y', 'uE2oI7tQ4wZ9xC6v', 'B1nM8kL5jH3gF0dS');
const hex = (length: number): string => HEX.repeat(10).slice(0, length);
const random = (length: number): string => LONG.repeat(10).slice(0, length);
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** By rule: a text, and the file it stands in. */
const FOUND: Readonly<Record<string, readonly (readonly [file: string, text: string])[]>> = {
  'gitlab-token': [['a.yml', `x: glpat-${random(20)}`]],
  'slack-token': [['a.js', `x("xoxb-${'2840573916'.repeat(2)}-${random(24)}")`]],
  'slack-webhook': [['a.md', `https://hooks.slack.com/services/T0A1B2C3D/B4E5F6G7H/${random(24)}`]],
  'stripe-key': [['a.rb', `Stripe.api_key = "sk_live_${random(24)}"`]],
  'stripe-webhook-secret': [['a.ts', `verify(body, 'whsec_${random(32)}')`]],
  'sendgrid-key': [['a.py', `SG.${random(22)}.${random(43)}`]],
  'mailgun-key': [['a.py', `mailgun(auth=("api", "${hex(32)}-${hex(8)}-${HEX.slice(8, 16)}")`]],
  'docker-hub-token': [['run.sh', `docker login -u a -p dckr_pat_${random(27)}`]],
  'pypi-token': [['.pypirc', `[pypi]\nuser = __token__\nvalue = pypi-AgEIcHlwaS5vcmc${random(60)}`]],
  'rubygems-key': [['credentials', `:x: rubygems_${hex(48)}`]],
  'huggingface-token': [['a.py', `login("hf_${'QwErTyUiOpAsDfGhJkLzXcVbNmQwErTyUi'}")`]],
  'openai-key': [['a.py', `client("sk-proj-${random(40)}T3BlbkFJ${random(40)}")`]],
  'anthropic-key': [['a.py', `client("sk-ant-api03-${random(93)}")`]],
  'telegram-token': [['a.py', `Bot("123456789:AA${random(33)}")`]],
  'discord-token': [['a.js', `client.start("M${random(23)}.${random(6)}.${random(38)}")`]],
  'digitalocean-token': [['a.tf', `x = "dop_v1_${hex(64)}"`]],
  'azure-client-secret': [['a.cs', `new ClientSecret("${random(3)}8Q~${random(34)}")`]],
  'terraform-token': [['.terraformrc', `x = "${random(14)}.atlasv1.${random(67)}"`]],
  'firefox-login': [['logins.json', `{"u": "MDoEEPgAAAAAAAAAAAAAAAAAAAEwFAYIKoZIhvcNAwcECD${random(40)}"}`]],
  'password-hash': [
    ['dump.sql', `INSERT INTO users VALUES (1, 'ann', '$2y$12$${random(53)}');`],
    ['etc/shadow', `ann:$6$${random(16)}$${random(86)}:17431:0:99999:7:::`],
    ['.htpasswd', `ann:$apr1$${random(8)}$${random(22)}`],
    ['.htpasswd', `ann:${random(13)}`],
    ['users.ldif', `userPassword:: {SSHA}${random(32)}`],
    ['seed.py', `User("ann", "pbkdf2_sha256$260000$${random(22)}$${random(43)}=")`],
  ],
  'private-key': [
    [
      'id.ppk',
      `PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nComment: a\nPrivate-Lines: 2\n${random(64)}\n${random(64)}\n`,
    ],
    [
      'kubeconfig',
      `client-key-data: ${base64(`-----BEGIN RSA PRIVATE KEY-----\n${LONG}\n${LONG}\n-----END RSA PRIVATE KEY-----\n`)}`,
    ],
    [
      'a.asc',
      `-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 1\n\n${LONG}\n${LONG}\n-----END PGP PRIVATE KEY BLOCK-----`,
    ],
  ],
  password: [
    ['.netrc', `machine api.acme.io\n  login ann\n  password ${WORDS}\n`],
    ['.pgpass', `# comment\ndb.acme.io:5432:*:ann:${WORDS}\n`],
    ['.msmtprc', `host smtp.acme.io\npassword "${WORDS}"\n`],
    ['sites.xml', `<Server><Pass encoding="plain">${WORDS}</Pass></Server>`],
    ['a.js', `conn.login('ann@acme.io', '${WORDS}', done);`],
    ['a.php', `$db = mysqli_connect($host, 'root', '${WORDS}');`],
    ['A.java', `Connection c = DriverManager.getConnection(url, "app", "${WORDS}");`],
    ['A.cs', `x = new NetworkCredential("app", "${WORDS}");`],
    ['a.c', `#define DB_PASSWORD "${WORDS}"`],
    ['a.h', `static char wifi_password[64] = "${WORDS}";`],
    ['a.clj', `(def db-password "${WORDS}")`],
    ['a.ps1', `$Password = ConvertTo-SecureString "${WORDS}" -AsPlainText -Force`],
    ['build.gradle', `signing {\n  storePassword "${WORDS}"\n}`],
    ['redis.conf', `requirepass ${WORDS}\n`],
    ['users.sql', `CREATE USER app@'%' IDENTIFIED BY '${WORDS}';`],
    ['roles.sql', `ALTER USER app WITH PASSWORD '${WORDS}';`],
    ['a.py', `connect("host=db.acme.io dbname=x user=app password=${WORDS}")`],
  ],
  'command-credentials': [
    ['backup.sh', `mysqldump -h db.acme.io -u root -p${WORDS} shop > shop.sql`],
    ['deploy.sh', `docker login -u ann -p ${WORDS} r.acme.io`],
    ['a.sh', `redis-cli -h cache.acme.io -a ${WORDS} ping`],
    ['sign.sh', `openssl rsa -in a.pem -passin pass:${WORDS} -out b.pem`],
    ['sign.bat', `keytool -genkey -storepass ${WORDS} -alias a`],
    ['Dockerfile', `RUN htpasswd -cb /etc/htpasswd ann ${WORDS}`],
  ],
  'url-credentials': [['.git-credentials', `https://ann@acme.io:${WORDS}#1@git.acme.io`]],
  key: [
    ['config/master.key', `${HEX}\n`],
    ['wp-config.php', `define('AUTH_KEY', 'x>${random(12)} }|~(${random(10)}%[;!@#^&*+=${random(14)}');`],
  ],
  secret: [
    ['.vault_pass', `${WORDS}\n`],
    [
      'secret.yaml',
      `apiVersion: v1\nkind: Secret\ndata:\n  ca.crt: ${base64('public text')}\n  db: ${base64(WORDS)}\n`,
    ],
  ],
  'key-like': [['.docker/config.json', `{"auths":{"https://r.acme.io":{"auth":"${base64(`ann:${WORDS}`)}"}}}`]],
};

const NOT_FOUND: readonly (readonly [what: string, file: string, text: string])[] = [
  ['a user and a stand-in in base64', 'a.json', `{"auth": "${base64('username:password')}"}`],
  [
    'a Kubernetes secret of placeholders',
    's.yaml',
    `kind: Secret\ndata:\n  a: ${base64('changeme')}\n  b: ${base64('${X}')}\n`,
  ],
  ['data of a config map', 's.yaml', `kind: ConfigMap\ndata:\n  a: ${base64(WORDS)}\n`],
  ['netrc in prose', 'a.md', 'Add a line "machine HOST login USER password PASSWORD" to it.'],
  ['a pgpass file of wildcards', '.pgpass', '*:*:*:*:<password>\n#a:5432:b:c:d\n'],
  ['a call that takes variables', 'a.js', "conn.login('ann@acme.io', password); conn.login('ann', process.env.P);"],
  ['modes of fetch', 'a.ts', "fetch(url, { credentials: 'same-origin' }); fetch(url, { credentials: 'include' });"],
  ['a settings file that asks', '.mailrc', 'password ask\npassword prompt\nset password $PASSWORD\n'],
  [
    'patterns',
    'a.ts',
    String.raw`const password = '^(?=.*[A-Z])(?=.*[a-z])(?=.*\d)(?=.*[@$!%*?&])[A-Za-z\d@$!%*?&]{8,64}$';`,
  ],
  [
    'commands that ask, or take it from elsewhere',
    'run.sh',
    'mysql -u root -p shop\nmysql -u root -p$PW\ndocker login -u a -p $TOKEN\nopenssl x -passin env:PW -passout stdin\nredis-cli -a "$PW"\ncp -passive file1 x\n',
  ],
  ['a licence without an ending', 'LICENSE', 'The secret key holder: password protected, token based\n'],
  ['a program without an ending', 'bin/tool', '#!/usr/bin/env python3\npassword = prompt_user9\n'],
];

describe('formats of credentials', () => {
  for (const [rule, cases] of Object.entries(FOUND))
    for (const [file, text] of cases)
      it(`${rule} is found in ${file}`, async () => {
        const drafts = await scanSecrets(file, text);
        assert.deepEqual(
          drafts.map((draft) => draft.ruleId),
          [`secret/${rule}`],
        );
        for (const part of [WORDS, HEX, LONG.slice(0, 16), base64(WORDS)])
          assert.ok(!JSON.stringify(drafts).includes(part), 'the value is repeated');
      });

  for (const [what, file, text] of NOT_FOUND)
    it(`are not seen in ${what}`, async () => {
      assert.deepEqual(await scanSecrets(file, text), []);
    });

  it('are held against their checksum: a wrong one makes a token doubtful', async () => {
    const right = join('ghp_', 'zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17');
    const wrong = join('ghp_', 'zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18');
    const rated = async (token: string): Promise<string> => {
      const [draft] = await scanSecrets('a.js', `x("${token}")`);
      return `${draft?.severity} ${draft?.confidence}`;
    };
    assert.deepEqual([await rated(right), await rated(wrong)], ['critical high', 'medium low']);
  });

  it('of private keys weigh less behind a passphrase', async () => {
    const body = `${LONG}\n${LONG}\n`;
    const openssh = (cipher: string): string => {
      const head = Buffer.concat([
        Buffer.from('openssh-key-v1\0'),
        Buffer.from([0, 0, 0, cipher.length]),
        Buffer.from(cipher),
      ]);
      return `-----BEGIN OPENSSH PRIVATE KEY-----\n${Buffer.concat([head, Buffer.from(body)]).toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`;
    };
    const texts = [
      `-----BEGIN PRIVATE KEY-----\n${body}-----END PRIVATE KEY-----`,
      openssh('none'),
      `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${body}-----END ENCRYPTED PRIVATE KEY-----`,
      `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n${body}-----END RSA PRIVATE KEY-----`,
      openssh('aes256-ctr'),
    ];
    const severities = await Promise.all(
      texts.map(async (text) => (await scanSecrets('deploy/id', text))[0]?.severity),
    );
    assert.deepEqual(severities, ['critical', 'critical', 'medium', 'medium', 'medium']);
  });

  it('in the documentation of a function are examples', async () => {
    const [draft] = await scanSecrets('src/a.ts', `/**\n * password: '${WORDS}',\n */`);
    assert.deepEqual([draft?.severity, draft?.confidence], ['low', 'low']);
  });
});
