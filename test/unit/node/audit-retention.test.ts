/** Old records may go, in order and by whoever holds the key; whatever else goes is found. */
import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileHeads } from '../../../src/node/audit-heads.ts';
import { createAuditLog, exportAudit, verifyAudit } from '../../../src/node/audit-log.ts';
import { pruneAudit, type PruneOptions } from '../../../src/node/audit-retention.ts';
import { AUDIT_KEY, auditRecord } from '../../fixtures/audit.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';

const DAY = 86_400_000;

describe('letting go of old audit records', () => {
  let folder: string;
  let directory: string;
  let problems: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'audit-retention-'));
    directory = join(folder, 'audit');
    problems = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const heads = () => createFileHeads(join(folder, 'heads'));
  const verify = () => verifyAudit(directory, heads(), AUDIT_KEY);
  const faults = async () => (await verify()).faults.map(({ what }) => what);
  const prune = (change: Partial<PruneOptions> = {}) =>
    pruneAudit({
      directory,
      heads: heads(),
      key: AUDIT_KEY,
      limits: { keepMs: 90 * DAY },
      now: 100 * DAY,
      onProblem: (message) => problems.push(message),
      ...change,
    });

  /** Four records, one a day from `day` on, one in each file. */
  async function write(series: string, day: number, closes = true): Promise<void> {
    const options = {
      directory,
      heads: heads(),
      key: AUDIT_KEY,
      clock: new VirtualClock(),
      ids: { next: () => series },
    };
    const log = createAuditLog({ ...options, maxFileBytes: 1 });
    for (const offset of [0, 1, 2, 3]) {
      await log.append({ ...auditRecord(offset), at: (day + offset) * DAY }, true);
    }
    if (closes) await log.close();
  }

  it('removes the files of old records, and the rest is what was written', async () => {
    await write('s1', 8);
    assert.equal(await prune(), 2);
    assert.deepEqual(readdirSync(directory), ['s1-000003.jsonl', 's1-000004.jsonl']);
    assert.deepEqual(await verify(), { records: 2, series: 1, faults: [], notes: [] });
    assert.equal(await prune({ now: 101 * DAY }), 1);
    assert.deepEqual(await verify(), { records: 1, series: 1, faults: [], notes: [] });
  });

  it('lets a whole series go, which nobody can bring back or take for one that never was', async () => {
    await write('s1', 1);
    const first = readFileSync(join(directory, 's1-000004.jsonl'));
    assert.equal(await prune(), 4);
    assert.deepEqual(await verify(), { records: 0, series: 0, faults: [], notes: [] });
    writeFileSync(join(directory, 's1-000005.jsonl'), first);
    assert.match((await faults())[0] ?? '', /record 4 stands where record 5/);
  });

  it('removes nothing without limits, and nothing young', async () => {
    await write('s1', 20);
    assert.equal(await prune({ limits: {} }), 0);
    assert.equal(await prune(), 0);
    assert.equal((await verify()).records, 4);
  });

  it('removes the oldest of all series until three quarters of the bytes are left', async () => {
    await write('s1', 1);
    await write('s2', 5);
    const bytes = 4 * (readFileSync(join(directory, 's1-000001.jsonl')).length + 50);
    await prune({ limits: { maxBytes: bytes } });
    assert.deepEqual(readdirSync(directory), ['s2-000002.jsonl', 's2-000003.jsonl', 's2-000004.jsonl']);
    assert.deepEqual(await faults(), []);
  });

  it('still finds a kept file that somebody else removed, and a start that somebody else moved', async () => {
    await write('s1', 8);
    await prune();
    const [head] = await heads().list();
    assert.ok(head?.start);
    rmSync(join(directory, 's1-000003.jsonl'));
    assert.deepEqual(await faults(), ['the file is missing']);
    await heads().write({ ...head, start: { ...head.start, part: 4, seq: 3 } });
    assert.deepEqual(await faults(), ['its head was not signed with this key']);
  });

  it('keeps a series that somebody changed, and says so', async () => {
    await write('s1', 1);
    const file = join(directory, 's1-000002.jsonl');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"tool-1"', '"tool-9"'));
    assert.equal(await prune(), 0);
    assert.match(problems[0] ?? '', /s1 stay: they are not what was written/);
    assert.deepEqual(await faults(), ['the record was changed']);
  });

  it('lets nobody make young records go by a changed date or by filling the folder', async () => {
    await write('s1', 95);
    writeFileSync(join(directory, 'x-000001.jsonl'), 'x'.repeat(100_000));
    assert.equal(await prune({ limits: { keepMs: 90 * DAY, maxBytes: 50_000 } }), 0);
    rmSync(join(directory, 'x-000001.jsonl'));
    const last = join(directory, 's1-000004.jsonl');
    const line = readFileSync(last, 'utf8');
    writeFileSync(last, line.replace(`"at":${98 * DAY}`, '"at":1'));
    assert.equal(await prune(), 0);
    writeFileSync(last, line);
    assert.deepEqual(await faults(), []);
  });

  it('leaves a series alone that is being written, and takes one whose writer died', async () => {
    await write('s1', 1, false);
    const hour = { limits: { keepMs: 3_600_000 } };
    assert.equal(await prune({ ...hour, now: 5 * DAY }), 0);
    appendFileSync(join(directory, 's1-000004.jsonl'), '{"seq":5,');
    assert.equal(await prune({ ...hour, now: 20 * DAY }), 4);
    assert.deepEqual(await verify(), { records: 0, series: 0, faults: [], notes: [] });
  });

  it('is no fault when it was interrupted, shows nothing of what should be gone, and is finished later', async () => {
    await write('s1', 8);
    const first = join(directory, 's1-000001.jsonl');
    copyFileSync(first, join(folder, 'kept'));
    await prune();
    copyFileSync(join(folder, 'kept'), first);
    const verdict = await verify();
    assert.deepEqual([verdict.faults, verdict.notes.map(({ file }) => file)], [[], ['s1-000001.jsonl']]);
    const lines: string[] = [];
    for await (const line of exportAudit(directory, heads())) lines.push(line);
    assert.equal(lines.length, 2);
    assert.equal(await prune(), 1);
    assert.deepEqual((await verify()).notes, []);
  });

  it('lets one process at a time see to it', async () => {
    const turns = await Promise.all([1, 2, 3].map(() => heads().takeTurn(1_000, 500)));
    assert.deepEqual(turns.sort(), [false, false, true]);
    assert.equal(await heads().takeTurn(1_400, 500), false);
    assert.equal(await heads().takeTurn(1_600, 500), true);
    assert.equal(await heads().takeTurn(1_700, 500), false);
  });
});
