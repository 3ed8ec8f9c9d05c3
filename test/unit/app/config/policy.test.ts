/** What the configuration says of one tool. */
import assert from 'node:assert/strict';
import { createPolicies } from '../../../../src/app/config/policy.ts';
import { EMPTY_CONFIG } from '../../../../src/app/config/schema.ts';
import { parseUserConfig } from '../../../../src/app/config/user-config.ts';

const USUAL = { perSecond: 10, burst: 10 };

function policies(tools: string): ReturnType<typeof createPolicies> {
  const { config, problems } = parseUserConfig(`version: 1\ntools:\n${tools}`, 'config.yaml');
  assert.deepEqual(problems, []);
  return createPolicies(config);
}

describe('the policy of a tool', () => {
  it('is what the most specific pattern says, field by field', () => {
    const { policyOf } = policies(
      "  wiki.get_page: { risk: low }\n  '*.*': { risk: high, affects: [everything] }\n  wiki.*: { idempotent: true, cache: 10m }\n",
    );
    assert.deepEqual(policyOf('wiki', 'get_page'), {
      idempotent: true,
      audit: 'normal',
      cacheTtlMs: 600_000,
      risk: 'low',
      affectedSystems: ['everything'],
    });
    assert.equal(policyOf('wiki', 'delete_page').risk, 'high');
    assert.equal(policyOf('crm', 'read').idempotent, false);
  });

  it('calls the tools of bundled servers idempotent, because they only read', () => {
    assert.equal(createPolicies(EMPTY_CONFIG).policyOf('code-analysis', 'list_files').idempotent, true);
    assert.equal(createPolicies(EMPTY_CONFIG).policyOf('other', 'list_files').idempotent, false);
  });

  it('lets a call be sent twice on the word of the user alone', () => {
    const { isHedged } = policies('  wiki.*: { idempotent: true }\n  git-insights.log: { idempotent: true }\n');
    assert.deepEqual(
      [isHedged('wiki', 'find'), isHedged('crm', 'find'), isHedged('code-analysis', 'list_files')],
      [true, false, false],
    );
  });

  it('tells a limit from none and from nothing said', () => {
    const { rateLimitOf } = policies('  a.*: { rateLimit: { perSecond: 2 } }\n  b.*: { rateLimit: false }\n');
    assert.deepEqual(
      [rateLimitOf('a', 'x', USUAL), rateLimitOf('b', 'x', USUAL), rateLimitOf('c', 'x', USUAL)],
      [{ perSecond: 2, burst: 2 }, false, USUAL],
    );
  });

  it('keeps replies for as long as the tool says, or for the usual time', () => {
    const { policyOf } = policies('  a.*: { cache: true }\n  b.*: { cache: 5s }\n  c.*: { cache: false }\n');
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].map((server) => policyOf(server, 'x').cacheTtlMs),
      [3_600_000, 5_000, undefined, undefined],
    );
  });
});
