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
        range: { file: 'config.yaml', line: 4, column: 15 },
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
      config: EMPTY_CONFIG,
      problems: [],
      permissionRanges: [],
      lostRules: undefined,
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
    assert.match(text, /^5: layers\.concurrency.*>=1/m);
    assert.match(text, /^6: layers\.timeout.*500ms, 30s, 5m/m);
    assert.match(text, /^8: minimize\.0: .*linear time/m);
  });

  it('keeps the sections that are right when another has a mistake', () => {
    const yaml =
      'version: 1\nlayers: { retry: { retries: many } }\npermissions:\n  - { effect: deny, tools: wiki.* }\n';
    const { config, lostRules, permissionRanges } = parseUserConfig(yaml, 'config.yaml');
    assert.deepEqual(config.permissions, [{ effect: 'deny', tools: 'wiki.*' }]);
    assert.equal(lostRules, undefined);
    assert.deepEqual(permissionRanges, [{ file: 'config.yaml', line: 4, column: 5 }]);
  });

  it('says when a mistake may have cost a rule that keeps something from happening', () => {
    const read = (yaml: string): string | undefined => parseUserConfig(`version: 1\n${yaml}`, 'config.yaml').lostRules;
    assert.equal(read('permissions:\n  - { effect: forbid, tools: wiki.* }\n'), 'config.yaml:3 is wrong');
    assert.equal(read('permisions: []\n'), 'config.yaml:2 is wrong');
    assert.equal(read('permissions: [\n'), 'config.yaml:3 cannot be read');
  });
});
