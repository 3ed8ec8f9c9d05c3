/** Tests of package-lock.json: `npm ci` must work on every platform, and from every registry. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../harness/paths.ts';

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

describe('the lock file', () => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, LockedPackage>>;
  };

  /** Where Node would look for `name` from the package at `path`, nearest first. */
  const isLocked = (path: string, name: string): boolean => {
    const nearest = path === '' ? `node_modules/${name}` : `${path}/node_modules/${name}`;
    if (packages[nearest] !== undefined) return true;
    return path !== '' && isLocked(path.slice(0, Math.max(0, path.lastIndexOf('/node_modules/'))), name);
  };

  it('names the binaries of every platform, not only of the one it was written on', () => {
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies)
        .filter((name) => !isLocked(path, name))
        .map((name) => `${name}, needed by ${path}`),
    );
    assert.deepEqual(missing, []);
    assert.ok(Object.keys(packages).length > 300);
  });

  it('names no registry, so that each machine uses its own', () => {
    const named = Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined);
    assert.deepEqual(named, []);
  });
});
