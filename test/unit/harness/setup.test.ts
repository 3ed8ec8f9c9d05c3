/** Tests of what `setup.js` decides: which installation is current, which sources are new, who holds the lock. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commands, digest, isInstalled, withDefaultPath, withLock } from '../../../setup.js';

const lock = (packages: Record<string, unknown>): string => JSON.stringify({ packages: { '': {}, ...packages } });
const zod = { version: '4.6.7', integrity: 'sha512-a' };

describe('the installation', () => {
  it('is current when every locked package is there in its version', () => {
    assert.equal(isInstalled(lock({ 'node_modules/zod': zod }), lock({ 'node_modules/zod': zod })), true);
  });

  it('is out of date when a package is missing, older, tampered with or no longer locked', () => {
    const locked = lock({ 'node_modules/zod': zod });
    assert.equal(isInstalled(locked, lock({})), false);
    assert.equal(isInstalled(locked, lock({ 'node_modules/zod': { ...zod, version: '4.6.6' } })), false);
    assert.equal(isInstalled(locked, lock({ 'node_modules/zod': { ...zod, integrity: 'sha512-b' } })), false);
    assert.equal(isInstalled(locked, lock({ 'node_modules/zod': zod, 'node_modules/old': zod })), false);
  });

  it('may lack what is optional, as other platforms do', () => {
    assert.equal(isInstalled(lock({ 'node_modules/win-only': { ...zod, optional: true } }), lock({})), true);
  });

  it('is missing while npm has not finished one', () => {
    assert.equal(isInstalled(lock({}), undefined), false);
    assert.equal(isInstalled(undefined, undefined), false);
  });
});

describe('the arguments', () => {
  it('review this repository unless they name another', () => {
    assert.deepEqual(withDefaultPath([]), ['.']);
    assert.deepEqual(withDefaultPath(['--severity', 'high']), ['.', '--severity', 'high']);
    assert.deepEqual(withDefaultPath(['../other', '--format', 'json']), ['../other', '--format', 'json']);
  });

  it('are handed on to what the command runs', () => {
    assert.deepEqual(commands.test?.run?.(['unit']), ['test/run.ts', 'unit']);
  });
});

describe('the folder of a set-up', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'setup-'));
    mkdirSync(join(folder, 'src'));
    writeFileSync(join(folder, 'src/a.ts'), 'one');
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('has another digest after an edit, a rename or a new file, and the same after none', () => {
    const before = digest(folder, ['src']);
    assert.equal(digest(folder, ['src']), before);
    writeFileSync(join(folder, 'src/a.ts'), 'two');
    const edited = digest(folder, ['src']);
    writeFileSync(join(folder, 'src/b.ts'), '');
    const grown = digest(folder, ['src']);
    rmSync(join(folder, 'src/b.ts'));
    writeFileSync(join(folder, 'src/c.ts'), '');
    assert.equal(new Set([before, edited, grown, digest(folder, ['src'])]).size, 4);
  });

  it('is set up by one process at a time', async () => {
    const path = join(folder, 'lock');
    const events: string[] = [];
    const first = withLock(path, async () => {
      events.push('first in');
      await new Promise((resolve) => setImmediate(resolve));
      events.push('first out');
    });
    const second = withLock(path, () => {
      events.push('second in');
    });
    await Promise.all([first, second]);
    assert.deepEqual(events, ['first in', 'first out', 'second in']);
    assert.equal(existsSync(path), false);
  });

  it('is given back when the set-up fails', async () => {
    const path = join(folder, 'lock');
    await assert.rejects(
      withLock(path, () => {
        throw new Error('no network');
      }),
      /no network/,
    );
    assert.equal(existsSync(path), false);
  });

  it('is taken over from a process that died', async () => {
    const path = join(folder, 'lock');
    mkdirSync(path);
    // Above the largest id that Linux, macOS or Windows gives out.
    writeFileSync(join(path, 'pid'), '2147483646');
    assert.equal(await withLock(path, () => 'done'), 'done');
  });
});
