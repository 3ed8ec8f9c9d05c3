/** `mcp-conductor audit` as a person runs it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { auditPlaces, createFileHeads, ensureAuditKey } from '../../../src/node/audit-heads.ts';
import { createAuditLog } from '../../../src/node/audit-log.ts';
import { stateLayout } from '../../../src/node/state-dir.ts';
import { auditRecord } from '../../fixtures/audit.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));

describe('mcp-conductor audit', function () {
  this.timeout(30_000);
  let folder: string;
  let file: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'audit-cli-'));
    const { workspace } = await stateLayout(folder, join(folder, 'state'));
    const { directory, heads, keyFile } = auditPlaces(workspace, join(folder, 'config', 'mcp-conductor'));
    const key = await ensureAuditKey(keyFile);
    const ids = { next: () => 's1' };
    const log = createAuditLog({ directory, heads: createFileHeads(heads), key, clock: new VirtualClock(), ids });
    for (const number of [0, 1, 2]) void log.append(auditRecord(number));
    await log.close();
    file = join(directory, 's1-000001.jsonl');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const run = (...args: string[]) => {
    const env = { ...process.env, XDG_CONFIG_HOME: join(folder, 'config') };
    const options = { cwd: folder, env, encoding: 'utf8' } as const;
    return spawnSync(process.execPath, [MAIN, 'audit', ...args, '--state', join(folder, 'state')], options);
  };

  it('verifies and exports a log that is what was written', () => {
    const verified = run('verify');
    assert.equal(verified.status, 0, verified.stderr);
    assert.match(
      verified.stdout,
      /^3 records of 1 processes in .*: all as they were written\.\nThe secret store \(keyring\) (could not be asked|knows nothing of this log), so only what lies beside .*\n$/,
    );
    const exported = run('export');
    assert.equal(exported.status, 0, exported.stderr);
    const records = exported.stdout.trim().split('\n');
    assert.deepEqual(JSON.parse(records[2] ?? ''), { series: 's1', seq: 3, ...auditRecord(2) });
  });

  it('ends with 1 and names the record when the log was changed', () => {
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('"tool-1"', '"tool-9"'));
    const verified = run('verify');
    assert.equal(verified.status, 1);
    assert.match(verified.stdout, /^s1-000001\.jsonl:2: record 2: the record was changed\n/);
    const { faults } = JSON.parse(run('verify', '--json').stdout) as { faults: unknown };
    assert.deepEqual(faults, [{ file: 's1-000001.jsonl', line: 2, seq: 2, what: 'the record was changed' }]);
    assert.equal(run('export').status, 1);
    writeFileSync(file, text);
  });
});
