/** What `config.yaml` says of servers' connections. */
import assert from 'node:assert/strict';
import { EMPTY_CONFIG } from '../../../src/app/config/schema.ts';
import { parseUserConfig } from '../../../src/app/config/user-config.ts';
import { serverPools } from '../../../src/app/server-pools.ts';

describe('the connections of a server, as configured', () => {
  it('are what is said of the server, in the rest what is said of all', () => {
    const text =
      'version: 1\npool: { max: 4, idle: 10m }\nservers:\n  wiki: { pool: { max: 2, health: 0s } }\n  shell: { stateful: true }\n';
    const { config, problems } = parseUserConfig(text, 'config.yaml');
    assert.deepEqual(problems, []);
    const poolOf = serverPools(() => config);
    const given = (server: string): unknown => JSON.parse(JSON.stringify(poolOf(server)));
    assert.deepEqual(given('wiki'), { max: 2, idleMs: 600_000, healthMs: 0 });
    assert.deepEqual(given('shell'), { max: 4, idleMs: 600_000, stateful: true });
    assert.deepEqual(given('other'), { max: 4, idleMs: 600_000 });
    assert.equal(poolOf('wiki'), poolOf('wiki'), 'the same object while nothing changes');
  });

  it('follow an edited configuration', () => {
    let config = EMPTY_CONFIG;
    const poolOf = serverPools(() => config);
    assert.equal(poolOf('wiki').max, undefined);
    config = parseUserConfig('version: 1\npool: { max: 4 }\n', 'config.yaml').config;
    assert.equal(poolOf('wiki').max, 4);
  });

  it('are refused at the line when they make no sense', () => {
    const text = 'version: 1\nservers:\n  wiki:\n    pool:\n      max: 0\n      idel: 5m\n';
    const { problems } = parseUserConfig(text, 'config.yaml');
    assert.deepEqual(
      problems.map(({ range, message }) => [range?.line, message.slice(0, 40)]),
      [
        [5, 'servers.wiki.pool.max: must be at least '],
        [6, 'servers.wiki.pool: there is no "idel" he'],
      ],
    );
  });
});
