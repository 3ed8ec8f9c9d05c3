/** What a repository brings along from others is told by the names of folders. */
import assert from 'node:assert/strict';
import { vendoredFolder } from '../../../src/analysis/vendored.ts';

describe('a vendored folder', () => {
  it('is known by its name, wherever it lies', () => {
    assert.equal(vendoredFolder('deps/lua/src/lvm.c'), 'deps/');
    assert.equal(vendoredFolder('src/third_party/zlib/inflate.c'), 'src/third_party/');
    assert.equal(vendoredFolder('lib/External/json.hpp'), 'lib/External/');
    assert.equal(vendoredFolder('a/vendor/b.rb'), 'a/vendor/');
  });

  it('is not a folder of the repository itself', () => {
    for (const path of ['src/deps/resolve.ts', 'deps.py', 'externals.js', 'src/vendoring/a.go', 'src/vendor.ts'])
      assert.equal(vendoredFolder(path), undefined, path);
  });
});
