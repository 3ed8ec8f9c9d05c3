/** Whatever is done to an audit log, it is found and the record is named. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type AuditFile, auditFileName, signHead, verifyChains } from '../../../src/node/audit-chain.ts';
import { AUDIT_KEY, auditFiles, writtenSeries } from '../../fixtures/audit.ts';

const SERIES = 's1';
const BATCHES = [3, 1, 7, 4, 2, 8];
const written = writtenSeries(SERIES, BATCHES, 2);
const total = BATCHES.reduce((sum, size) => sum + size, 0);

type Lines = { name: string; lines: string[] }[];

function changed(change: (files: Lines) => void): AuditFile[] {
  const files = written.files.map(({ name, lines }) => ({ name, lines: [...lines] }));
  change(files);
  return auditFiles({ files });
}

const verdictOn = (files: readonly AuditFile[]) => verifyChains(files, [written.head], AUDIT_KEY);

/** Where the record stands in the files. */
function locate(seq: number): { file: number; line: number } {
  let rest = seq - 1;
  for (const [file, { lines }] of written.files.entries()) {
    if (rest < lines.length) return { file, line: rest };
    rest -= lines.length;
  }
  throw new RangeError(`no record ${seq}`);
}

const seqs = fc.integer({ min: 1, max: total });

const edit = fc
  .record({ kind: fc.constant('edit'), seq: seqs, at: fc.nat(), code: fc.integer({ min: 1, max: 0xffff }) })
  .map(({ seq, at, code }) => ({
    seq,
    apply: (files: Lines): boolean => {
      const { file, line } = locate(seq);
      const text = files[file]?.lines[line] ?? '';
      const place = at % text.length;
      const other = String.fromCharCode(code);
      if (text[place] === other) return false;
      files[file]?.lines.splice(line, 1, text.slice(0, place) + other + text.slice(place + 1));
      return true;
    },
  }));

const deletion = seqs.map((seq) => ({
  seq,
  apply: (files: Lines): boolean => {
    const { file, line } = locate(seq);
    files[file]?.lines.splice(line, 1);
    return true;
  },
}));

const reordering = fc.tuple(seqs, seqs).map(([one, two]) => ({
  seq: Math.min(one, two),
  apply: (files: Lines): boolean => {
    if (one === two) return false;
    const [a, b] = [locate(one), locate(two)];
    const [first, second] = [files[a.file]?.lines[a.line] ?? '', files[b.file]?.lines[b.line] ?? ''];
    files[a.file]?.lines.splice(a.line, 1, second);
    files[b.file]?.lines.splice(b.line, 1, first);
    return true;
  },
}));

const truncation = seqs.map((seq) => ({
  seq,
  apply: (files: Lines): boolean => {
    const { file, line } = locate(seq);
    files[file]?.lines.splice(line);
    files.splice(file + 1);
    return true;
  },
}));

describe('verifyChains', () => {
  it('finds nothing wrong with what was written', () => {
    assert.deepEqual(verdictOn(changed(() => undefined)), { records: total, series: 1, faults: [], notes: [] });
  });

  it('finds random single edits, deletions, reorderings and truncations, and names the record', () => {
    let seen = 0;
    const change = fc.oneof(edit, deletion, reordering, truncation);
    const property = fc.property(change, ({ seq, apply }) => {
      let effective = false;
      const files = changed((lines) => {
        effective = apply(lines);
      });
      fc.pre(effective);
      seen += 1;
      const [fault] = verdictOn(files).faults;
      assert.equal(fault?.seq, seq, JSON.stringify(fault));
    });
    fc.assert(property, { numRuns: 300, seed: 20_260_728, maxSkipsPerRun: 10 });
    assert.equal(seen, 300);
  });

  it('names file and line of the record that was changed', () => {
    const files = changed((lines) => {
      const text = lines[1]?.lines[2] ?? '';
      lines[1]?.lines.splice(2, 1, text.replace('"tool-', '"fool-'));
    });
    const fault = { file: auditFileName(SERIES, 2), line: 3, seq: 7, what: 'the record was changed' };
    assert.deepEqual(verdictOn(files).faults, [fault]);
  });

  it('finds a cut in the middle of the last line, and a missing last line end', () => {
    for (const cut of [1, 20]) {
      const files = auditFiles(written);
      const last = files.pop();
      assert.ok(last);
      files.push({ name: last.name, read: () => last.read().slice(0, -cut) });
      assert.equal(verdictOn(files).faults[0]?.seq, total);
    }
  });

  it('finds a file that is gone, be it first, middle, last or all of them', () => {
    const without = (index: number): AuditFile[] => auditFiles(written).filter((_, at) => at !== index);
    assert.match(verdictOn(without(0)).faults[0]?.what ?? '', /the file is missing/);
    assert.match(verdictOn(without(1)).faults[0]?.what ?? '', /the file is missing/);
    assert.match(verdictOn(without(2)).faults[0]?.what ?? '', /cut off: records 16 to 25 are missing/);
    assert.match(verdictOn([]).faults[0]?.what ?? '', /cut off: records 1 to 25 are missing/);
  });

  it('finds records that were added after the end', () => {
    const longer = writtenSeries(SERIES, [...BATCHES, 1], 2);
    assert.match(verdictOn(auditFiles(longer)).faults[0]?.what ?? '', /ended with record 25; this one was added/);
  });

  it('finds a log whose hashes were all computed anew without the key', () => {
    const forged = writtenSeries(SERIES, BATCHES, 2);
    const other = verifyChains(auditFiles(forged), [written.head], Buffer.alloc(32, 8));
    assert.equal(other.faults.length, 1);
  });

  it('finds a head that was written by somebody without the key, and one that is gone', () => {
    const files = auditFiles(written);
    const shorter = { ...written.head, seq: 3 };
    assert.match(verifyChains(files, [shorter], AUDIT_KEY).faults[0]?.what ?? '', /head was not signed/);
    assert.match(verifyChains(files, [], AUDIT_KEY).faults[0]?.what ?? '', /has no head/);
  });

  it('does not take the lines of one series for those of another', () => {
    const files = auditFiles(written).map(({ name, read }) => ({ name: name.replace(SERIES, 's2'), read }));
    const head = signHead({ ...written.head, series: 's2' }, AUDIT_KEY);
    assert.match(verifyChains(files, [head], AUDIT_KEY).faults[0]?.what ?? '', /does not follow/);
  });

  it('forgives the writer that died after the last commit, and says which records nobody vouches for', () => {
    const alive = writtenSeries(SERIES, BATCHES, 2, false);
    const whole = writtenSeries(SERIES, [...BATCHES, 3], 2, false);
    const torn = auditFiles(whole);
    const last = torn.pop();
    assert.ok(last);
    torn.push({ name: last.name, read: () => last.read().slice(0, -100) });
    const verdict = verifyChains(torn, [alive.head], AUDIT_KEY);
    assert.deepEqual(verdict.faults, []);
    assert.equal(verdict.notes[0]?.seq, total + 1);
  });
});
