/** Licences read from what is installed, where a lockfile does not name them. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createScanner } from '../../../../src/analysis/security/scan-file.ts';
import { scanRepository } from '../../../../src/analysis/security/scan-repository.ts';
import { systemClock } from '../../../../src/base/clock.ts';

const LOCK = 'a@^1.0.0:\n  version "1.0.0"\n\n"@s/b@^2.0.0":\n  version "2.0.0"\n\nc@^3.0.0:\n  version "3.0.0"\n';
const MANIFEST = '{"private":true,"license":"MIT","dependencies":{"a":"^1.0.0","@s/b":"^2.0.0","c":"^3.0.0"}}';

describe('packages that are installed', () => {
  let parent: string;
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'installed-'));
  });
  afterEach(() => rm(parent, { recursive: true, force: true }));

  it('say the licences that yarn.lock does not, but none from outside the repository', async () => {
    const root = join(parent, 'root');
    const files: Readonly<Record<string, string>> = {
      'root/package.json': MANIFEST,
      'root/yarn.lock': LOCK,
      'root/node_modules/a/package.json': '{"name":"a","version":"1.0.0","license":{"type":"GPL-3.0-only"}}',
      'root/node_modules/.store/b/package.json': '{"name":"@s/b","version":"2.0.0","license":"AGPL-3.0-only"}',
      'root/node_modules/broken/package.json': '{',
      'outside/package.json': '{"name":"c","version":"3.0.0","license":"GPL-2.0-only"}',
    };
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(join(parent, file)), { recursive: true });
      await writeFile(join(parent, file), text);
    }
    await mkdir(join(root, 'node_modules/@s'));
    await symlink(join(root, 'node_modules/.store/b'), join(root, 'node_modules/@s/b'));
    await symlink(join(parent, 'outside'), join(root, 'node_modules/c'));
    await writeFile(join(root, '.gitignore'), 'node_modules\n');
    const { findings, dependencies } = await scanRepository({
      root,
      top: root,
      types: ['dependencies'],
      threshold: 'low',
      signal: new AbortController().signal,
      clock: systemClock,
      concurrency: 1,
      scan: createScanner(import.meta.url, systemClock),
      onProgress: () => undefined,
    });
    const conflicts = findings.filter(({ ruleId }) => ruleId === 'dependency/licence-conflict');
    assert.deepEqual(
      conflicts.map(({ file, startLine, message }) => `${file}:${startLine} ${message.split(',', 1)[0]}`),
      ['yarn.lock:1 a is under GPL-3.0-only', 'yarn.lock:4 @s/b is under AGPL-3.0-only'],
    );
    assert.deepEqual(
      dependencies?.map(({ name, licence }) => `${name} ${licence}`),
      ['@s/b AGPL-3.0-only', 'a GPL-3.0-only', 'c undefined'],
    );
  });
});
