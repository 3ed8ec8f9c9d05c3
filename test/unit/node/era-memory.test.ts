/** Verdicts on disk: kept between processes, and never in the way. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileEraMemory } from '../../../src/node/era-memory.ts';

describe('the file of eras', () => {
  let folder: string;
  let problems: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'eras-'));
    problems = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const open = (file = join(folder, 'state', 'eras.json')) =>
    createFileEraMemory({ file, onProblem: (message) => problems.push(message) });

  it('remembers across processes', async () => {
    const first = open();
    await Promise.all([first.set('a', { era: 'legacy', at: 1 }), first.set('b', { era: 'modern', at: 2 })]);
    await first.delete('b');
    const second = open();
    assert.deepEqual(await second.get('a'), { era: 'legacy', at: 1 });
    assert.equal(await second.get('b'), undefined);
    assert.deepEqual(problems, []);
  });

  it('starts empty over a broken file, says so, and repairs it', async () => {
    const file = join(folder, 'eras.json');
    writeFileSync(file, '{oops');
    const memory = open(file);
    assert.equal(await memory.get('a'), undefined);
    assert.match(problems[0] ?? '', /could not read .*eras\.json/);
    await memory.set('a', { era: 'modern' });
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), { a: { era: 'modern' } });
  });

  it('says when it cannot write, and goes on', async () => {
    writeFileSync(join(folder, 'file'), '');
    const memory = open(join(folder, 'file', 'eras.json'));
    await memory.set('a', { era: 'modern' });
    assert.match(problems.at(-1) ?? '', /could not write/);
    assert.deepEqual(await memory.get('a'), { era: 'modern' });
  });

  it('creates nothing before there is something to remember', async () => {
    await open().get('a');
    assert.equal(existsSync(join(folder, 'state')), false);
  });
});
