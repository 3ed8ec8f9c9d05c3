/** The audit log on a real disk: batches, rotation, failure, several writers. */
import assert from 'node:assert/strict';
import { TAMPERINGS, TamperedLog } from '../../fixtures/audit-tampering.ts';
import { createHmac } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonValue } from '../../../src/base/json.ts';
import { createFileHeads, ensureAuditKey, readAuditKey } from '../../../src/node/audit-heads.ts';
import {
  type AuditLogOptions,
  createAuditLog,
  exportAudit,
  type FileAuditLog,
  verifyAudit,
} from '../../../src/node/audit-log.ts';
import { AUDIT_KEY, auditRecord } from '../../fixtures/audit.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';

describe('the audit log on disk', () => {
  let folder: string;
  let directory: string;
  let clock: VirtualClock;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'audit-'));
    directory = join(folder, 'audit');
    clock = new VirtualClock();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const heads = () => createFileHeads(join(folder, 'heads'));
  const log = (series = 's1', change: Partial<AuditLogOptions> = {}) =>
    createAuditLog({ directory, heads: heads(), key: AUDIT_KEY, clock, ids: { next: () => series }, ...change });
  const verify = () => verifyAudit(directory, heads(), AUDIT_KEY);
  const exported = async (): Promise<{ seq: number; series: string }[]> => {
    const records: { seq: number; series: string }[] = [];
    for await (const line of exportAudit(directory, heads()))
      records.push(JSON.parse(line) as { seq: number; series: string });
    return records;
  };

  it('writes nothing for a process that audits nothing', async () => {
    await log().close();
    assert.deepEqual(readdirSync(folder), []);
    assert.deepEqual(await verify(), { records: 0, series: 0, faults: [], notes: [] });
  });

  it('lets records that nobody waits for gather, and commits them together', async () => {
    const audit = log();
    const written = [0, 1, 2].map((number) => audit.append(auditRecord(number)));
    assert.deepEqual(readdirSync(folder), []);
    await clock.advance(20);
    await Promise.all(written);
    const text = readFileSync(join(directory, 's1-000001.jsonl'), 'utf8');
    assert.equal(text.split('\n').length, 4);
    assert.equal(text.match(/"seal":/g)?.length, 1);
    assert.deepEqual((await verify()).faults, []);
    await audit.close();
  });

  it('commits at once what somebody waits for, and whatever came before it', async () => {
    const audit = log();
    void audit.append(auditRecord(0));
    await audit.append(auditRecord(1), true);
    assert.equal((await verify()).records, 2);
    assert.equal(clock.pending, 0);
    await audit.close();
  });

  it('goes on after its timer found nothing to commit', async () => {
    const audit = log();
    const first = audit.append(auditRecord(0), true);
    await Promise.resolve();
    await Promise.resolve();
    // The commit under way takes this one along, so the timer it sets finds nothing.
    const second = audit.append(auditRecord(1));
    await Promise.all([first, second]);
    await clock.advance(20);
    await audit.append(auditRecord(2), true);
    assert.equal((await verify()).records, 3);
    await audit.close();
  });

  it('commits once a batch is full, with whatever the same turn brings', async () => {
    const audit = log('s1', { batch: 4 });
    for (let number = 0; number < 10; number += 1) void audit.append(auditRecord(number));
    await audit.close();
    const text = readFileSync(join(directory, 's1-000001.jsonl'), 'utf8');
    assert.equal(text.match(/"seal":/g)?.length, 1);
    assert.deepEqual(await verify(), { records: 10, series: 1, faults: [], notes: [] });
  });

  it('goes on in a new file when one is full, with one chain over all', async () => {
    const audit = log('s1', { maxFileBytes: 2_000 });
    for (let number = 0; number < 20; number += 1) await audit.append(auditRecord(number), true);
    await audit.close();
    assert.ok(readdirSync(directory).length > 2);
    assert.deepEqual(await verify(), { records: 20, series: 1, faults: [], notes: [] });
    assert.deepEqual(
      (await exported()).map(({ seq }) => seq),
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
  });

  it('lets several processes write side by side, each its own series', async () => {
    const logs = ['s1', 's2', 's3'].map((series) => log(series));
    await Promise.all(logs.flatMap((one) => [0, 1, 2].map((number) => one.append(auditRecord(number), true))));
    await Promise.all(logs.map((one) => one.close()));
    assert.deepEqual(await verify(), { records: 9, series: 3, faults: [], notes: [] });
    rmSync(join(directory, 's2-000001.jsonl'));
    assert.deepEqual(
      (await verify()).faults.map(({ file }) => file),
      ['s2-000001.jsonl'],
    );
  });

  it('begins a new series once one is a day old, so that what is old can end', async () => {
    const names = ['s1', 's2'];
    const ids = { next: () => names.shift() ?? 's3' };
    const audit = log('s1', { ids });
    await audit.append(auditRecord(0), true);
    await clock.advance(86_400_000);
    await audit.append(auditRecord(1), true);
    assert.deepEqual(
      (await heads().list()).map(({ series, closed }) => [series, closed]),
      [
        ['s1', true],
        ['s2', false],
      ],
    );
    await audit.close();
    assert.deepEqual(await verify(), { records: 2, series: 2, faults: [], notes: [] });
  });

  it('is readable by its owner alone', async () => {
    const audit = log();
    await audit.append(auditRecord(0), true);
    await audit.close();
    const modes = [directory, join(directory, 's1-000001.jsonl'), join(folder, 'heads', 's1.json')];
    assert.deepEqual(
      modes.map((path) => statSync(path).mode & 0o777),
      [0o700, 0o600, 0o600],
    );
  });

  it('is found to be going on while it is open, and ended once it is closed', async () => {
    const audit = log();
    await audit.append(auditRecord(0), true);
    const file = join(directory, 's1-000001.jsonl');
    appendFileSync(file, '{"seq":2,');
    assert.equal((await verify()).notes[0]?.seq, 2);
    await audit.close();
    assert.equal((await verify()).faults[0]?.seq, 2);
  });

  it('tells a byte that is no UTF-8 from the character it would be shown as', async () => {
    const audit = log();
    await audit.append({ ...auditRecord(0), target: 'a\uFFFDb' }, true);
    await audit.close();
    const file = join(directory, 's1-000001.jsonl');
    const bytes = readFileSync(file);
    const at = bytes.indexOf(Buffer.from('\uFFFD'));
    writeFileSync(file, Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff]), bytes.subarray(at + 3)]));
    assert.equal((await verify()).faults[0]?.what, 'the record was changed');
  });

  it('fails for good when a write fails, and says so before the next call', async () => {
    writeFileSync(directory, 'a file where the folder should be');
    const audit = log();
    await assert.rejects(audit.append(auditRecord(0), true), /EEXIST|ENOTDIR/);
    assert.ok(audit.failure);
    await assert.rejects(audit.append(auditRecord(1)), /EEXIST|ENOTDIR/);
    await audit.close();
  });

  it('fails when the disk does not keep up, instead of filling the memory', async () => {
    const audit = log('s1', { maxWaiting: 10 });
    for (let number = 0; number < 11; number += 1) void audit.append(auditRecord(number));
    assert.match(audit.failure?.message ?? '', /does not keep up: 11 audit records/);
    await audit.close();
  });

  it('refuses a size that is none', () => {
    assert.throws(() => log('s1', { batch: 0 }), /audit\.batch must be a whole number of at least 1, not 0/);
  });

  it('hashes a text as it is and a value in canonical form, under its key', () => {
    const audit = log();
    const written = (of: FileAuditLog, value: JsonValue): string => JSON.stringify(of.keyedHash(value));
    const rfc = createHmac('sha256', AUDIT_KEY).update('{"a":2,"b":1}').digest('hex');
    assert.equal(written(audit, { b: 1, a: 2 }), JSON.stringify(rfc));
    assert.equal(written(audit, '{"a":2,"b":1}'), JSON.stringify(rfc));
    const long = 'a'.repeat(5_000);
    assert.equal(written(audit, long), JSON.stringify(createHmac('sha256', AUDIT_KEY).update(long).digest('hex')));
    const other = log('s1', { key: Buffer.alloc(32, 9) });
    assert.notEqual(written(audit, 'a'), written(other, 'a'));
  });
});

describe('the audit key', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'audit-key-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is made once, whoever comes first, and readable by its owner alone', async () => {
    const file = join(folder, 'deep', 'key');
    const keys = await Promise.all(Array.from({ length: 8 }, () => ensureAuditKey(file)));
    assert.equal(new Set(keys.map((key) => key.toString('hex'))).size, 1);
    assert.deepEqual(await readAuditKey(file), keys[0]);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(join(folder, 'deep')), ['key']);
  });

  it('is not made anew over a file that is no key', async () => {
    const file = join(folder, 'key');
    writeFileSync(file, 'short');
    chmodSync(file, 0o600);
    await assert.rejects(ensureAuditKey(file), /is no audit key: it should be 32 bytes in hex/);
  });
});

describe('an audit log on disk', () => {
  for (const pruned of [false, true]) {
    const which = pruned ? 'with its oldest files let go of' : 'as a whole';
    it(`${which} is found to be changed by any of 300 edits, deletions, reorderings and truncations`, () =>
      tamperWith(pruned)).timeout(30_000);
  }

  async function tamperWith(pruned: boolean): Promise<void> {
    const tampered = await TamperedLog.open(20_260_728, pruned);
    try {
      assert.equal(tampered.records < 120, pruned);
      assert.ok(await tampered.isIntact());
      for (let turn = 0; turn < 300; turn += 1) {
        const kind = TAMPERINGS[turn % TAMPERINGS.length] as (typeof TAMPERINGS)[number];
        assert.ok(await tampered.isFound(kind), `${kind} ${turn}`);
      }
      assert.ok(await tampered.isIntact());
    } finally {
      await tampered.dispose();
    }
  }
});
