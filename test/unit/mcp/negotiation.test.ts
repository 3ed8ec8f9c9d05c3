/** Remembered eras: used, dated, and forgotten in time. */
import assert from 'node:assert/strict';
import type { JsonObject } from '../../../src/base/json.ts';
import type { ServerDefinition } from '../../../src/contracts/server.ts';
import { definitionDigest, EraVerdicts, LEGACY_APPROACH } from '../../../src/mcp/negotiation.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';

const HOUR = 3_600_000;

function setUp() {
  const store = new Map<string, JsonObject>();
  const clock = new VirtualClock();
  const memory = {
    get: async (key: string) => store.get(key),
    set: async (key: string, verdict: JsonObject) => void store.set(key, verdict),
    delete: async (key: string) => void store.delete(key),
  };
  return { verdicts: new EraVerdicts(memory, clock), clock, store };
}

describe('remembered eras', () => {
  it('probe an unknown server for 1.5 s', async () => {
    const approach = await setUp().verdicts.approach('x');
    assert.deepEqual(approach, { prior: undefined, versionNegotiation: { mode: 'auto', probe: { timeoutMs: 1_500 } } });
  });

  it('go straight to the old handshake for 24 hours after the probe, however often it is used', async () => {
    const { verdicts, clock } = setUp();
    await verdicts.remember('x', 'legacy');
    await clock.advance(20 * HOUR);
    assert.equal(await verdicts.approach('x'), LEGACY_APPROACH);
    await verdicts.remember('x', 'legacy');
    await clock.advance(5 * HOUR);
    assert.notEqual(await verdicts.approach('x'), LEGACY_APPROACH);
  });

  it('give a server that spoke the new protocol more time for the probe', async () => {
    const { verdicts } = setUp();
    await verdicts.remember('x', 'modern');
    const approach = await verdicts.approach('x');
    assert.equal(approach.prior, undefined);
    assert.ok((approach.versionNegotiation.probe?.timeoutMs ?? 0) > 1_500);
  });

  it('are forgotten when told', async () => {
    const { verdicts, store } = setUp();
    await verdicts.remember('x', 'legacy');
    await verdicts.forget('x');
    assert.equal(store.size, 0);
  });
});

describe('the digest of a definition', () => {
  const base: ServerDefinition = {
    id: 'a',
    label: 'a',
    origin: { kind: 'config', file: '/x.json' },
    launch: { type: 'stdio', command: 'x', args: [], cwd: undefined, env: {} },
    inputs: [],
  };
  it('is the same wherever it is written, and another when anything that runs changes', () => {
    const moved = { ...base, range: { file: '/x.json', line: 9, column: 1 } };
    assert.equal(definitionDigest(moved), definitionDigest(base));
    assert.notEqual(
      definitionDigest({ ...base, launch: { type: 'stdio', command: 'x', args: ['-v'], env: {} } }),
      definitionDigest(base),
    );
  });
});
