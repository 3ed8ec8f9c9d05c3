/** A workspace's own config.yaml: what it may tighten, and what is said of the rest. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createPolicies } from '../../../../src/app/config/policy.ts';
import type { ReadConfig } from '../../../../src/app/config/read-config.ts';
import { parseUserConfig } from '../../../../src/app/config/user-config.ts';
import { withWorkspace } from '../../../../src/app/config/workspace-config.ts';
import { LiveRules } from '../../../../src/app/live-rules.ts';

const USER = '/mine/config.yaml';
const OURS = '/repo/.mcp-conductor/config.yaml';

function read(user: string, workspace: string): ReadConfig {
  const own = parseUserConfig(`version: 1\n${user}`, USER);
  assert.deepEqual(own.problems, []);
  return withWorkspace(own, `version: 1\n${workspace}`, OURS);
}

const problemsOf = ({ problems }: ReadConfig): readonly string[] =>
  problems.map(({ message, range }) => `${range?.line}:${range?.column} ${message}`);

describe("a workspace's configuration", () => {
  it('lowers limits and times, and switches off what repeats or keeps', () => {
    const merged = read(
      'layers: { concurrency: { perServer: { crm: 4 } } }\n',
      `layers:
  concurrency: { global: 5, perServer: { crm: 2, wiki: 1 } }
  timeout: { max: 10s }
  rateLimit: { perSecond: 2 }
  approval: { timeout: 5m }
  retry: false
  cache: { ttl: 1m }
minimize:
  - { tools: crm.*, output: { detect: [email] } }
`,
    );
    const { layers, minimize } = merged.config;
    assert.deepEqual(problemsOf(merged), []);
    assert.deepEqual(layers.concurrency, { global: 5, perServer: { crm: 2, wiki: 1 } });
    assert.equal(layers.timeout !== false && layers.timeout.max, 10_000);
    assert.equal(layers.timeout !== false && layers.timeout.initial, 30_000);
    assert.deepEqual(layers.rateLimit, { perSecond: 2, burst: 10 });
    assert.equal(layers.retry, false);
    assert.equal(minimize.length, 1);
  });

  it('says at its line what would let more happen, and goes on without it', () => {
    const merged = read(
      'layers: { trace: false, cache: false }\n',
      `pipelines: { review: { security: evil.scan } }
layers:
  audit: false
  cache: { entries: 5 }
  trace: {}
  retry: { retries: 9, base: 100ms, budgetShare: 0.05 }
  concurrency: { global: 60 }
  timeout: { max: 10m, minSamples: 1 }
`,
    );
    const may = (what: string, because: string): string =>
      `${what}: a workspace may only tighten, and ${because}; put it into ${USER}`;
    assert.deepEqual(problemsOf(merged), [
      `2:1 ${may('pipelines', 'it is for you alone to say')}`,
      `4:10 ${may('layers.audit', 'it is on in yours')}`,
      `5:10 ${may('layers.cache', 'it is off in yours')}`,
      `7:21 ${may('layers.retry.retries', '9 is more than your 3')}`,
      `7:30 ${may('layers.retry.base', '100ms is less than your 1s')}`,
      `8:26 ${may('layers.concurrency.global', '60 is more than your 50')}`,
      `9:19 ${may('layers.timeout.max', '10m is more than your 5m')}`,
      `9:36 ${may('layers.timeout.minSamples', 'it is for you alone to say')}`,
    ]);
    const { layers, pipelines } = merged.config;
    assert.deepEqual(pipelines, {});
    assert.notEqual(layers.audit, false);
    assert.equal(layers.cache, false);
    assert.deepEqual(layers.trace, {});
    assert.equal(layers.retry !== false && layers.retry.retries, 3);
    assert.equal(layers.retry !== false && layers.retry.budgetShare, 0.05);
  });

  it('names more risk and more care for tools, never less', () => {
    const user = `tools:
  crm.*: { risk: high, cache: 10m, idempotent: true, audit: required }
  wiki.*: { rateLimit: { perSecond: 5 } }
`;
    const wider = read(
      user,
      `tools:
  crm.*: { risk: low, cache: 1h, audit: normal }
  crm.get: { cache: 1m, idempotent: false, risk: critical, affects: [billing] }
  wiki.*: { idempotent: true, rateLimit: false, risk: low, cache: true }
  mail.*: { audit: required, risk: medium, rateLimit: { perSecond: 3 } }
`,
    );
    assert.deepEqual(
      problemsOf(wider).map((text) => /^\d+:\d+ (\S+): .*, and (.*); put/.exec(text)?.slice(1)),
      [
        ['tools.crm.*.risk', 'low is less than your high'],
        ['tools.crm.*.cache', '1h is longer than your 10m'],
        ['tools.crm.*.audit', 'you require it'],
        ['tools.wiki.*.idempotent', 'you do not call it idempotent'],
        ['tools.wiki.*.rateLimit', 'yours has one'],
        ['tools.wiki.*.risk', 'low is less than medium, which is assumed'],
        ['tools.wiki.*.cache', 'nothing of it is kept by your own'],
      ],
    );
    const { policyOf } = new LiveRules(wider);
    assert.deepEqual(policyOf('crm', 'get'), {
      idempotent: false,
      audit: 'required',
      cacheTtlMs: 60_000,
      risk: 'critical',
      affectedSystems: ['billing'],
    });
    assert.equal(policyOf('crm', 'put').risk, 'high');
    assert.deepEqual(new LiveRules(wider).rateLimitOf('mail', 'send'), { perSecond: 3, burst: 3 });
    assert.deepEqual(new LiveRules(wider).rateLimitOf('wiki', 'get'), { perSecond: 5, burst: 5 });
    assert.equal(policyOf('mail', 'send').audit, 'required');
  });

  it('reports an allow as widening, and asks about everything while its rules cannot be read', () => {
    const rules = new LiveRules(read('', "permissions:\n  - { effect: allow, tools: '*.*' }\n"));
    assert.deepEqual(
      rules.problems.map(({ code, range }) => [code, range?.file, range?.line]),
      [['permission-widens', OURS, 3]],
    );
    const broken = read('', 'permissions: [\n');
    assert.equal(broken.lostRules, undefined);
    assert.match(new LiveRules(broken).permissions().unreadable?.because ?? '', /repo.*config\.yaml:3 cannot be read/);
  });

  it('tightens further with every folder', () => {
    const one = read('', 'layers: { concurrency: { global: 20 } }\n');
    const both = withWorkspace(one, 'version: 1\nlayers: { concurrency: { global: 30 } }\n', '/other/config.yaml');
    assert.equal(both.config.layers.concurrency !== false && both.config.layers.concurrency.global, 20);
    assert.equal(both.problems[0]?.range?.file, '/other/config.yaml');
  });
});

describe('whatever a workspace says', () => {
  const number = fc.integer({ min: 1, max: 9 });
  const layers = fc.record(
    {
      audit: fc.constantFrom(false, {}),
      permissions: fc.constantFrom(false, {}),
      cache: fc.oneof(fc.constant(false), fc.record({ entries: number, ttl: number.map((n) => `${n}m`) })),
      concurrency: fc.oneof(
        fc.constant(false),
        fc.record({ global: number, perServer: fc.dictionary(fc.constantFrom('crm', 'wiki'), number) }),
      ),
      retry: fc.oneof(fc.constant(false), fc.record({ retries: number, base: number.map((n) => `${n}s`) })),
      timeout: fc.oneof(fc.constant(false), fc.record({ max: number.map((n) => `${n}m`) })),
    },
    { requiredKeys: [] },
  );
  const policy = fc.record(
    {
      idempotent: fc.boolean(),
      risk: fc.constantFrom('low', 'medium', 'high', 'critical'),
      audit: fc.constantFrom('required', 'normal'),
      cache: fc.oneof(
        fc.boolean(),
        number.map((n) => `${n}m`),
      ),
      rateLimit: fc.oneof(fc.constant(false), fc.record({ perSecond: number })),
    },
    { requiredKeys: [] },
  );
  const config = fc
    .record({ layers, tools: fc.dictionary(fc.constantFrom('*.*', 'crm.*', 'crm.get', '*.get'), policy) })
    .map((written) => JSON.stringify({ version: 1, ...written }));
  const atMost = (less: number | undefined | false, more: number | undefined | false): boolean =>
    (less || Number.POSITIVE_INFINITY) <= (more || Number.POSITIVE_INFINITY);
  const RISKS = [undefined, 'low', 'medium', 'high', 'critical'];

  type Layers = ReadConfig['config']['layers'];
  /** How much each field lets happen: a limit that is not there lets everything, a repetition that is off nothing. */
  const ALL = Number.POSITIVE_INFINITY;
  const lets: readonly ((layers: Layers) => number)[] = [
    ({ cache }: Layers) => (cache ? cache.entries : 0),
    ({ cache }: Layers) => (cache ? cache.ttl : 0),
    ({ retry }: Layers) => (retry ? retry.retries : 0),
    ({ retry }: Layers) => (retry ? 1 / retry.base : 0),
    ({ timeout }: Layers) => (timeout ? timeout.max : ALL),
    ({ concurrency }: Layers) => (concurrency ? concurrency.global : ALL),
    ({ concurrency }: Layers) => (concurrency ? (concurrency.perServer.crm ?? ALL) : ALL),
    ({ concurrency }: Layers) => (concurrency ? (concurrency.perServer.wiki ?? ALL) : ALL),
  ];

  it('lets no layer do more', () => {
    fc.assert(
      fc.property(config, config, (user, workspace) => {
        const before = parseUserConfig(user, USER);
        const a = before.config.layers;
        const b = withWorkspace(before, workspace, OURS).config.layers;
        for (const layer of ['audit', 'permissions', 'concurrency', 'timeout'] as const) {
          assert.ok(a[layer] === false || b[layer] !== false, layer);
        }
        for (const layer of ['cache', 'retry'] as const) assert.ok(b[layer] === false || a[layer] !== false, layer);
        for (const much of lets) assert.ok(much(b) <= much(a), `${much}`);
      }),
    );
  });

  it('lets no tool do more', () => {
    fc.assert(
      fc.property(config, config, fc.constantFrom('get', 'put'), (user, workspace, tool) => {
        const before = parseUserConfig(user, USER);
        const after = withWorkspace(before, workspace, OURS);
        const a = createPolicies(before.config).policyOf('crm', tool);
        const b = createPolicies(after.config, after.workspaces).policyOf('crm', tool);
        assert.ok(a.idempotent || !b.idempotent);
        assert.ok(RISKS.indexOf(b.risk) >= RISKS.indexOf(a.risk));
        assert.ok(a.audit !== 'required' || b.audit === 'required');
        assert.ok((b.cacheTtlMs ?? 0) <= (a.cacheTtlMs ?? 0));
        const [was, is] = [before, after].map((read) => new LiveRules(read).rateLimitOf('crm', tool));
        assert.ok(atMost(is?.perSecond, was?.perSecond) && atMost(is?.burst, was?.burst));
      }),
    );
  });
});
