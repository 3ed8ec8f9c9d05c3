/** Manifests that are known and not read: as many as there is no reader for. */
import assert from 'node:assert/strict';
import { isDependencyFile } from '../../../../src/analysis/dependencies/manifest-files.ts';
import { notUnderstood } from '../../../../src/analysis/dependencies/not-understood.ts';

describe('manifests that are not understood', () => {
  const names = [
    'package.json',
    'go.mod',
    'pom.xml',
    'Gemfile.lock',
    'Cargo.toml',
    'build.sbt',
    'go.work',
    'flake.lock',
  ];

  it('are those that have no reader, whichever these are', () => {
    const paths = names.map((name) => `sub/${name}`);
    assert.deepEqual(
      notUnderstood(paths),
      paths.filter((path) => !isDependencyFile(path)),
    );
    assert.ok(notUnderstood(['sub/build.sbt', 'README.md']).length === 1);
  });

  it('are none where a lockfile beside them is read', () => {
    assert.deepEqual(notUnderstood(['a/mix.exs', 'a/mix.lock', 'b/mix.exs']), ['b/mix.exs']);
  });
});
