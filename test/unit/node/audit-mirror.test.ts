/** Somebody who has the key, the log and its heads forges both, and what a secret store was told gives it away. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditLines, type SecretStore } from '../../../src/contracts/index.ts';
import { chainBatch, chainStart, signHead } from '../../../src/node/audit-chain.ts';
import { createFileHeads } from '../../../src/node/audit-heads.ts';
import { createAuditLog, type FileAuditLog, verifyAudit } from '../../../src/node/audit-log.ts';
import { AuditMirror, AuditMirroring } from '../../../src/node/audit-mirror.ts';
import { pruneAudit } from '../../../src/node/audit-retention.ts';
import { AUDIT_KEY, auditRecord } from '../../fixtures/audit.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';

describe('the audit log whose heads a secret store was told', () => {
  let folder: string;
  let directory: string;
  let clock: VirtualClock;
  let values: Map<string, string>;
  let problems: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'audit-mirror-'));
    directory = join(folder, 'audit');
    clock = new VirtualClock();
    values = new Map();
    problems = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const secrets: SecretStore = {
    get: async (key) => values.get(key),
    set: async (key, value) => void values.set(key, value),
    delete: async (key) => void values.delete(key),
  };
  const heads = () => createFileHeads(join(folder, 'heads'));
  const mirror = (store = secrets, most = 100) =>
    new AuditMirror({ secrets: store, name: 'test', most, directory, clock });
  const verify = () => verifyAudit(directory, heads(), AUDIT_KEY, mirror());
  const fault = async (): Promise<string> => (await verify()).faults[0]?.what ?? '';

  interface Writer {
    readonly log: FileAuditLog;
    readonly mirroring: AuditMirroring;
    close(): Promise<void>;
  }
  function open(series: string, store = secrets, maxFileBytes = 1): Writer {
    const mirroring = new AuditMirroring({ mirror: mirror(store), clock, onProblem: (text) => problems.push(text) });
    const ids = { next: () => series };
    const told = { keeper: 'test', onHead: mirroring.add };
    const log = createAuditLog({ directory, heads: heads(), key: AUDIT_KEY, clock, ids, maxFileBytes, ...told });
    const close = async (): Promise<void> => {
      await log.close();
      await mirroring.flush();
    };
    return { log, mirroring, close };
  }
  async function write(series: string, from = 0): Promise<void> {
    const { log, close } = open(series);
    for (const number of [0, 1, 2, 3]) await log.append(auditRecord(from + number), true);
    await close();
  }
  /** As it would have been with other records, by somebody with the key. */
  async function forge(series: string, count: number): Promise<void> {
    for (const name of readdirSync(directory)) if (name.startsWith(`${series}-`)) rmSync(join(directory, name));
    const records = Array.from({ length: count }, (_, number) => ({ ...auditRecord(number), target: 'harmless' }));
    const { text, end } = chainBatch(chainStart(series), records, AUDIT_KEY);
    writeFileSync(join(directory, `${series}-000001.jsonl`), text);
    await heads().write(signHead({ series, seq: end.seq, seal: end.prev, closed: true, keeper: 'test' }, AUDIT_KEY));
    assert.deepEqual((await verifyAudit(directory, heads(), AUDIT_KEY)).faults, [], 'the forgery is perfect');
  }

  it('is what was written, and says who else knows of it', async () => {
    await write('s1');
    const verdict = await verify();
    assert.deepEqual(verdict.faults, []);
    assert.deepEqual(verdict.witness, { store: 'test', series: 1, problem: undefined });
    const lines = auditLines({ ...verdict, directory, keyFile: 'key' });
    assert.equal(lines.at(-1), 'Compared with the secret store (test), which knows 1 of the 1.');
  });

  it('gives away records that were written anew under the key', async () => {
    await write('s1');
    await forge('s1', 4);
    assert.equal(await fault(), 'the secret store knows the series up to record 4, but with another seal');
  });

  it('gives away a log that was made longer or shorter, and one that is gone altogether', async () => {
    await write('s1');
    await forge('s1', 3);
    assert.match(await fault(), /up to record 4, but its head only up to record 3/);
    await forge('s1', 5);
    assert.match(await fault(), /up to record 4, where it ended, but its head up to record 5/);
    rmSync(directory, { recursive: true });
    rmSync(join(folder, 'heads'), { recursive: true });
    assert.match(await fault(), /up to record 4, but its head is gone/);
  });

  it('gives away an older state of everything that was put back', async () => {
    const { log, mirroring, close } = open('s1');
    await log.append(auditRecord(0), true);
    cpSync(folder, `${folder}-copy`, { recursive: true });
    await log.append(auditRecord(1), true);
    await mirroring.flush();
    await close();
    cpSync(`${folder}-copy`, folder, { recursive: true });
    rmSync(`${folder}-copy`, { recursive: true });
    assert.match(await fault(), /up to record 2, but its head only up to record 1/);
  });

  it('gives away what was rewritten before the record that the store knows, while the log goes on', async () => {
    const { log, mirroring } = open('s1');
    await log.append(auditRecord(0), true);
    await mirroring.flush();
    await log.append(auditRecord(1), true);
    await forge('s1', 3);
    assert.equal(await fault(), 'the record is not the one that the secret store knows');
    await log.close();
  });

  it('lets old records go that the store was told of, and gives away those that it was not', async () => {
    await write('s1');
    await write('s2', 10_000);
    const limits = { keepMs: 5_000 };
    const prune = { directory, heads: heads(), key: AUDIT_KEY, limits, now: 10_000, onProblem: assert.fail };
    assert.equal(await pruneAudit(prune), 0, 'who cannot tell the store lets nothing go');
    const [head] = (await heads().list()).filter(({ series }) => series === 's1');
    const { tell, name } = { name: 'test', tell: (news: Parameters<AuditMirror['tell']>[0]) => mirror().tell(news) };
    assert.equal(await pruneAudit({ ...prune, keeper: { name, tell } }), 4);
    assert.deepEqual((await verify()).faults, []);
    assert.ok(head);
    const [other] = (await heads().list()).filter(({ series }) => series === 's2');
    assert.ok(other);
    const last = JSON.parse(readFileSync(join(directory, 's2-000002.jsonl'), 'utf8')) as { seal: string };
    await heads().write(signHead({ ...other, start: { part: 3, seq: 2, prev: last.seal } }, AUDIT_KEY));
    for (const part of [1, 2]) rmSync(join(directory, `s2-00000${part}.jsonl`));
    assert.deepEqual((await verifyAudit(directory, heads(), AUDIT_KEY)).faults, [], 'the forgery is perfect');
    assert.equal(await fault(), 'records 1 to 2 are gone, and the secret store was not told');
  });

  it('tells the store every half minute and at the end, not with every commit', async () => {
    let told = 0;
    const set = (key: string, value: string): Promise<void> => {
      told += 1;
      return secrets.set(key, value);
    };
    const counting = { ...secrets, set };
    const { log, close } = open('s1', counting);
    for (const number of [0, 1, 2]) await log.append(auditRecord(number), true);
    assert.equal(told, 0);
    await clock.advance(30_000);
    assert.equal(told, 1);
    await log.append(auditRecord(3), true);
    await close();
    assert.equal(told, 2);
    assert.equal(clock.pending, 0);
    assert.deepEqual(
      (await mirror().read()).map(({ seq, closed }) => [seq, closed]),
      [[4, true]],
    );
  });

  it('never lets the store forget what it knew, not by an older head nor by another process at the same moment', async () => {
    await Promise.all([write('s1'), write('s2')]);
    assert.deepEqual((await mirror().read()).map(({ series }) => series).sort(), ['s1', 's2']);
    await mirror().tell([signHead({ series: 's1', seq: 1, seal: 'x', closed: false }, AUDIT_KEY)]);
    assert.deepEqual(
      (await mirror().read()).map(({ seq }) => seq),
      [4, 4],
    );
  });

  it('remembers the latest series only, where a secret may not be long', async () => {
    const told = ['s1', 's2', 's3'].map((series) => signHead({ series, seq: 1, seal: 'x', closed: true }, AUDIT_KEY));
    await mirror(secrets, 2).tell(told);
    assert.deepEqual((await mirror().read()).map(({ series }) => series).sort(), ['s2', 's3']);
  });

  it('is not relied on where secrets can be looked for but not kept', async () => {
    const readOnly = { ...secrets, set: () => Promise.reject(new Error('AccessDenied')) };
    await assert.rejects(mirror(readOnly).prepare(), /AccessDenied/);
    await mirror().prepare();
    await write('s1');
    await mirror(readOnly).prepare();
    assert.equal((await mirror().read()).length, 1, 'what is known stays');
  });

  it('says so when the store fails or does not answer, and the log goes on', async () => {
    const silent = { ...secrets, get: () => new Promise<undefined>(() => undefined) };
    const { log, mirroring } = open('s1', silent);
    await log.append(auditRecord(0), true);
    const flushed = mirroring.flush();
    await clock.advance(5_000);
    await flushed;
    assert.match(problems[0] ?? '', /the secret store \(test\) was not told of the audit log: it did not answer/);
    await log.append(auditRecord(1), true);
    const broken = mirror({ ...secrets, get: () => Promise.reject(new Error('there is no keyring here')) });
    const verdict = await verifyAudit(directory, heads(), AUDIT_KEY, broken);
    assert.deepEqual([verdict.records, verdict.faults], [2, []]);
    const lines = auditLines({ ...verdict, directory, keyFile: 'key' });
    assert.match(
      lines.at(-1) ?? '',
      /could not be asked, so only what lies beside key vouches for it: there is no keyring/,
    );
    await log.close();
  });
});
