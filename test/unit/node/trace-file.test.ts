/** Traces on a real disk: batched, bounded, never in the way. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TraceEntry } from '../../../src/contracts/index.ts';
import { createTraceFile, type TraceFile, type TraceFileOptions } from '../../../src/node/trace-file.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';

const entry = (number: number): TraceEntry => ({
  traceId: 'ab'.repeat(16),
  spanId: 'cd'.repeat(8),
  server: 'fake',
  tool: `tool-${number}`,
  kind: 'tool',
  args: {},
  startTime: number,
  endTime: number + 1,
  status: 'ok',
});

describe('the trace file', () => {
  let folder: string;
  let directory: string;
  let clock: VirtualClock;
  let problems: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'traces-'));
    directory = join(folder, 'traces');
    clock = new VirtualClock();
    problems = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const traces = (change: Partial<TraceFileOptions> = {}): TraceFile => {
    let files = 0;
    const next = (): string => {
      files += 1;
      return `t${String(files).padStart(3, '0')}`;
    };
    const ids = { next };
    return createTraceFile({ directory, clock, ids, onProblem: (message) => problems.push(message), ...change });
  };
  const lines = (): TraceEntry[] =>
    readdirSync(directory)
      .sort()
      .flatMap((name) => readFileSync(join(directory, name), 'utf8').trimEnd().split('\n'))
      .map((line) => JSON.parse(line) as TraceEntry);

  it('writes nothing before entries have gathered, then all of them in order', async () => {
    const file = traces();
    for (let number = 0; number < 600; number += 1) file.sink(entry(number));
    assert.deepEqual(readdirSync(folder), []);
    await clock.advance(200);
    await file.flush();
    assert.deepEqual(
      lines().map(({ startTime }) => startTime),
      Array.from({ length: 600 }, (_, index) => index),
    );
    assert.equal(statSync(join(directory, 't001.jsonl')).mode & 0o777, 0o600);
  });

  it('begins a new file when one is full, and removes the oldest', async () => {
    const file = traces({ maxFileBytes: 400, maxFiles: 3 });
    for (let number = 0; number < 20; number += 1) {
      file.sink(entry(number));
      await file.flush();
    }
    assert.equal(readdirSync(directory).length, 3);
    assert.equal(lines().at(-1)?.startTime, 19);
  });

  it('keeps the files of many short processes, as long as they are small', async () => {
    for (let number = 0; number < 30; number += 1) {
      const file = traces({ maxFolderBytes: 100_000 });
      file.sink(entry(number));
      await file.flush();
    }
    assert.equal(lines().length, 30);
    const last = traces({ maxFolderBytes: 1 });
    last.sink(entry(30));
    await last.flush();
    assert.deepEqual(
      lines().map(({ startTime }) => startTime),
      [30],
    );
  });

  it('drops what comes faster than the disk takes it, and says how much is missing', async () => {
    const file = traces({ maxWaiting: 5 });
    for (let number = 0; number < 8; number += 1) file.sink(entry(number));
    await file.flush();
    assert.equal(lines().length, 5);
    assert.match(problems[0] ?? '', /3 calls are missing/);
  });

  it('never fails a call when the disk does, says so once, and goes on when it can', async () => {
    writeFileSync(directory, 'a file where the folder should be');
    const file = traces();
    for (const number of [0, 1]) {
      file.sink(entry(number));
      await file.flush();
    }
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', /traces cannot be written to .*: EEXIST/);
    rmSync(directory);
    file.sink(entry(2));
    await file.flush();
    assert.equal(lines().length, 1);
    assert.match(problems[1] ?? '', /again; 2 calls are missing/);
  });

  it('refuses a size that is none', () => {
    assert.throws(() => traces({ maxFiles: 0 }), /traceFile\.maxFiles must be a whole number of at least 1, not 0/);
  });
});
