/** What is made from the schema: the JSON Schema that ships, the file a person starts from, and the defaults. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { configJsonSchema } from '../../../../src/app/config/json-schema.ts';
import { configSchema, EMPTY_CONFIG } from '../../../../src/app/config/schema.ts';
import { factsOf, fieldAt, keysOf } from '../../../../src/app/config/schema-tree.ts';
import { configTemplate } from '../../../../src/app/config/template.ts';
import { parseUserConfig } from '../../../../src/app/config/user-config.ts';
import { withWorkspace } from '../../../../src/app/config/workspace-config.ts';
import { LAYERS } from '../../../../src/middleware/compose.ts';

const shipped = new URL('../../../../media/config.schema.json', import.meta.url);

describe('the JSON Schema of config.yaml', () => {
  it('is the one that ships; `config schema > media/config.schema.json` writes it anew', async () => {
    assert.equal(await readFile(shipped, 'utf8'), configJsonSchema());
  });

  it('takes what our own schema takes, and refuses what it refuses', () => {
    const validate = new Ajv({ strict: false }).compile(JSON.parse(configJsonSchema()) as object);
    const takes = (yaml: string): boolean => validate(parse(yaml));
    assert.ok(
      takes('version: 1\nlayers: { retry: { base: 500ms }, cache: false }\ntools: { crm.*: { cache: true } }\n'),
    );
    assert.ok(!takes('version: 1\nlayers: { retry: { retires: 3 } }\n'));
    assert.ok(!takes('version: 1\nlayers: { concurrency: { global: 0 } }\n'));
    assert.ok(!takes('version: 1\npermissions: [{ effect: forbid, tools: crm.* }]\n'));
  });
});

describe('the file that a person starts from', () => {
  it('shows a workspace only what it may do', () => {
    const [, examples = ''] = configTemplate('workspace').split('version: 1\n');
    const taken = `version: 1\n${examples.replaceAll(/^# (?=[a-z]+:| {2})/gm, '')}`;
    const read = withWorkspace(parseUserConfig('', '/user.yaml'), taken, '/repo/config.yaml');
    assert.deepEqual(read.problems, []);
    assert.equal(read.workspaces[0]?.permissions.length, 2);
  });

  it('says nothing of its own, and is right when any of its sections is taken in', () => {
    for (const kind of ['user', 'workspace'] as const) {
      const text = configTemplate(kind);
      assert.deepEqual(parseUserConfig(text, 'config.yaml').problems, [], kind);
      assert.deepEqual(parse(text), { version: 1 });
    }
    const layers = configTemplate('user').split('\n# layers:\n')[1] ?? '';
    const taken = `version: 1\nlayers:\n${layers.replaceAll(/^# ?/gm, '')}`;
    const read = parseUserConfig(taken, 'config.yaml');
    assert.deepEqual(
      read.problems.filter(({ message }) => !/is missing|not null/.test(message)),
      [],
    );
    assert.deepEqual(read.config.layers, EMPTY_CONFIG.layers);
  });
});

describe('the sections of config.yaml', () => {
  const layers = fieldAt(configSchema, ['layers']);

  it('are one for each layer of the stack, in its order', () => {
    assert.deepEqual(layers === undefined ? [] : keysOf(layers), LAYERS);
  });

  it('switch each layer off with false', () => {
    const off = Object.fromEntries(LAYERS.map((name) => [name, false]));
    const { config, problems } = parseUserConfig(JSON.stringify({ version: 1, layers: off }), 'config.yaml');
    assert.deepEqual(problems, []);
    assert.deepEqual(config.layers, off);
  });

  it('say of every field what it means', () => {
    const silent = silentFields([]);
    assert.deepEqual(silent, []);
  });

  function silentFields(path: readonly string[]): readonly string[] {
    const schema = path.length === 0 ? configSchema : fieldAt(configSchema, path);
    if (schema === undefined) return [];
    return keysOf(schema).flatMap((key) => {
      const below = [...path, key];
      const field = fieldAt(configSchema, below);
      const { description } = field === undefined ? { description: undefined } : factsOf(field);
      return [...(description === undefined ? [below.join('.')] : []), ...silentFields(below)];
    });
  }

  it('have the defaults of the design', () => {
    const { trace, minimizeInput, minimizeOutput, audit, permissions, ...rest } = EMPTY_CONFIG.layers;
    for (const layer of [trace, minimizeInput, minimizeOutput, audit, permissions]) assert.ok(layer !== false);
    const minute = 60_000;
    const hour = 60 * minute;
    assert.deepEqual(rest, {
      approval: { timeout: hour },
      cache: { entries: 1_000, bytes: 64 * 1_048_576, ttl: hour, staleWhileRevalidate: 0 },
      idempotency: { ttl: 24 * hour, lease: minute },
      hedge: { initial: 5_000, minSamples: 5, medianFactor: 3, budgetShare: 0.05 },
      retry: { retries: 3, base: 1_000, factor: 2, maxWait: minute, budgetShare: 0.1, budgetPerMinute: 10 },
      breaker: { failures: 5, failureShare: 0.5, minCalls: 10, window: 30_000, rest: 10_000 },
      rateLimit: { perSecond: 10 },
      concurrency: { global: 50, perServer: {} },
      timeout: { initial: 30_000, minSamples: 5, factor: 2, min: 5_000, max: 5 * minute },
      recovery: { tries: 3, pause: 1_000 },
    });
  });
});
