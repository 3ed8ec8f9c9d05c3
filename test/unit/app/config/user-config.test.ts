/** The user's config.yaml: what it may say, and what is said of what it may not. */
import assert from 'node:assert/strict';
import { EMPTY_CONFIG } from '../../../../src/app/config/schema.ts';
import { parseUserConfig, readUserConfig } from '../../../../src/app/config/user-config.ts';

describe("the user's configuration", () => {
  it('points a step of a pipeline at another server', () => {
    const { config, problems } = parseUserConfig(
      'version: 1\npipelines:\n  review:\n    security: my-scanner.scan\n',
      'config.yaml',
    );
    assert.deepEqual(problems, []);
    assert.equal(config.pipelines.review?.security, 'my-scanner.scan');
  });

  it('names the line of a wrong value and goes on without it', () => {
    const { config, problems } = parseUserConfig(
      'version: 1\npipelines:\n  review:\n    security: scanner\n',
      'config.yaml',
    );
    assert.deepEqual(config, EMPTY_CONFIG);
    assert.deepEqual(problems, [
      {
        severity: 'error',
        code: 'config',
        message: 'pipelines.review.security: must be `server.tool`',
        range: { file: 'config.yaml', line: 4, column: 15, endLine: 4, endColumn: 22 },
      },
    ]);
  });

  it('reports broken YAML at its line', () => {
    const { problems } = parseUserConfig('version: 1\npipelines: {\n', 'config.yaml');
    assert.equal(problems[0]?.range?.file, 'config.yaml');
    assert.ok((problems[0]?.range?.line ?? 0) >= 2);
  });

  it('is empty when there is no file', async () => {
    assert.deepEqual(await readUserConfig('/nowhere/config.yaml'), {
      file: '/nowhere/config.yaml',
      config: EMPTY_CONFIG,
      problems: [],
      permissionRanges: [],
      lostRules: undefined,
      workspaces: [],
    });
  });

  it('says which keys there are where one is not known', () => {
    const { problems } = parseUserConfig('version: 1\nlayers:\n  retry: { retires: 3 }\n  cash: {}\n', 'config.yaml');
    const text = problems.map(({ message, range }) => `${range?.line}: ${message}`).join('\n');
    assert.match(text, /^4: layers: there is no "cash" here; did you mean "cache"\? there are trace, minimizeInput, /m);
    assert.match(text, /there is no "retires" here; did you mean "retries"\? there are retries, base, /);
  });

  it('refuses a negative limit, a pattern that is none, and a mask that cannot be matched in linear time', () => {
    const yaml = `version: 1
tools:
  nodot: { idempotent: true }
layers:
  concurrency: { global: -1 }
  timeout: { initial: soon }
minimize:
  - tools: crm.*
    output: { mask: [{ pattern: '(?=x)y' }] }
`;
    const { problems } = parseUserConfig(yaml, 'config.yaml');
    const text = problems.map(({ message, range }) => `${range?.line}: ${message}`).join('\n');
    assert.match(text, /"nodot" names no tool: write server\.tool/);
    assert.match(text, /^5: layers\.concurrency\.global: must be at least 1, not -1$/m);
    assert.match(text, /^6: layers\.timeout.*500ms, 30s, 5m/m);
    assert.match(text, /^8: minimize\.0: .*linear time/m);
  });

  it('says what would be right where the kind of a value is wrong', () => {
    const yaml = `version: 1
tools:
  crm.*: { risk: hihg, cache: forever, rateLimit: { perSecond: 0 } }
permissions:
  - { effect: forbid, tools: crm.* }
  - { tools: crm.* }
layers:
  retry: many
  cache: { bytes: 64 }
  breaker: { failures: 2.5 }
`;
    const { problems } = parseUserConfig(yaml, 'config.yaml');
    assert.deepEqual(
      problems.map(({ message, range }) => `${range?.line}:${range?.column} ${message}`),
      [
        '3:18 tools.crm.*.risk: must be low or medium or high or critical, not "hihg"; did you mean high?',
        '3:31 tools.crm.*.cache: a duration is a number and a unit: 500ms, 30s, 5m, 1h, 1d',
        '3:64 tools.crm.*.rateLimit.perSecond: must be at least 0.001, not 0',
        '5:15 permissions.0.effect: must be allow or ask or deny, not "forbid"',
        '6:5 permissions.1.effect: is missing: allow or ask or deny',
        '8:10 layers.retry: must be a mapping with retries, base, factor, maxWait, budgetShare, budgetPerMinute or false, not "many"',
        '9:19 layers.cache.bytes: must be a size such as 512KB, 64MB, 1GB, not 64',
        '10:24 layers.breaker.failures: must be a whole number, not 2.5',
      ],
    );
  });

  it('keeps the layers that are right when another has a mistake', () => {
    const { config } = parseUserConfig('version: 1\nlayers: { trace: false, retry: { retries: x } }\n', 'config.yaml');
    assert.equal(config.layers.trace, false);
    assert.deepEqual(config.layers.retry, EMPTY_CONFIG.layers.retry);
  });

  it('reads a file without its version, and trusts none of another version', () => {
    const missing = parseUserConfig('minimize: [{ tools: crm.*, input: { remove: [ssn] } }]\n', 'config.yaml');
    assert.deepEqual([missing.config.minimize.length, missing.problems.length, missing.lostRules], [1, 1, undefined]);
    assert.equal(parseUserConfig('version: 2\n', 'config.yaml').lostRules, 'config.yaml:1 is wrong');
  });

  it('keeps the sections that are right when another has a mistake', () => {
    const yaml =
      'version: 1\nlayers: { retry: { retries: many } }\npermissions:\n  - { effect: deny, tools: wiki.* }\n';
    const { config, lostRules, permissionRanges } = parseUserConfig(yaml, 'config.yaml');
    assert.deepEqual(config.permissions, [{ effect: 'deny', tools: 'wiki.*' }]);
    assert.equal(lostRules, undefined);
    assert.deepEqual(permissionRanges, [{ file: 'config.yaml', line: 4, column: 5 }]);
  });

  it('keeps the sound rules beside a wrong one, each at its own line', () => {
    const yaml = 'version: 1\npermissions:\n  - { effect: dney, tools: wiki.* }\n  - { effect: deny, tools: crm.* }\n';
    const { config, lostRules, permissionRanges, problems } = parseUserConfig(yaml, 'config.yaml');
    assert.deepEqual(config.permissions, [{ effect: 'deny', tools: 'crm.*' }]);
    assert.deepEqual(
      permissionRanges.map(({ line }) => line),
      [4],
    );
    assert.deepEqual([problems.length, lostRules], [1, 'config.yaml:3 is wrong']);
  });

  it('says when a mistake may have cost a rule that keeps something from happening', () => {
    const read = (yaml: string): string | undefined => parseUserConfig(`version: 1\n${yaml}`, 'config.yaml').lostRules;
    assert.equal(read('permissions:\n  - { effect: forbid, tools: wiki.* }\n'), 'config.yaml:3 is wrong');
    assert.equal(read('permisions: []\n'), 'config.yaml:2 is wrong');
    assert.equal(read('permissions: [\n'), 'config.yaml:3 cannot be read');
  });
});
