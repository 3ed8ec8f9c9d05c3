/** The user's config.yaml: what it may say, and what is said of what it may not. */
import assert from 'node:assert/strict';
import { parseUserConfig, readUserConfig } from '../../../src/app/user-config.ts';

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
    assert.deepEqual(config.pipelines, {});
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
    assert.deepEqual(await readUserConfig('/nowhere/config.yaml'), { config: { pipelines: {} }, problems: [] });
  });
});
