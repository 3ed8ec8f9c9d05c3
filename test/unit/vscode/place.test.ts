/** Places that reports name: within the repository, or not at all. */
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { placeIn } from '../../../src/vscode/panels/place.ts';

describe('placeIn', () => {
  const root = resolve('/repository');

  it('finds a file in the repository', () => {
    assert.equal(placeIn(root, 'src/a.ts'), resolve(root, 'src/a.ts'));
    assert.equal(placeIn(root, '..hidden/a.ts'), resolve(root, '..hidden/a.ts'));
  });

  it('finds nothing outside of it', () => {
    for (const file of ['../a.ts', '..', 'src/../../a.ts', '/etc/passwd', '', '.'])
      assert.equal(placeIn(root, file), undefined, file);
  });
});
