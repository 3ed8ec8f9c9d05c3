/** URLs of repositories: which are taken, which are refused, and where credentials go. */
import assert from 'node:assert/strict';
import { checkBranch, cloneKey, parseRepositoryUrl, redactUrls } from '../../../src/analysis/repository-url.ts';

describe('the URL of a repository', () => {
  it('takes what git takes over a network', () => {
    const urls = [
      'https://example.org/a/b.git',
      'ssh://git@example.org:22/a/b',
      'git://example.org/a',
      'http://[::1]:80/a',
    ];
    for (const url of urls.slice(0, 3)) assert.equal(parseRepositoryUrl(url).url, url);
    assert.deepEqual(parseRepositoryUrl('git@example.org:team/project.git'), {
      scheme: 'ssh',
      url: 'ssh://git@example.org/team/project.git',
    });
  });

  it('keeps user and password apart', () => {
    const parsed = parseRepositoryUrl('https://user:p%40ss@example.org/a/b.git');
    assert.deepEqual(parsed, { scheme: 'https', url: 'https://example.org/a/b.git', credentials: 'user:p@ss' });
    assert.ok(!cloneKey(parsed, undefined).includes('p@ss'));
  });

  it('refuses options, helpers, control characters and other schemes, without repeating the text', () => {
    const bad = [
      '--upload-pack=touch /tmp/x',
      '-oProxyCommand=x',
      'ext::sh -c id',
      'https://example.org/\u0000a',
      'https://example.org/a b',
      'ssh://-oProxyCommand=x/a',
      'ssh://-x@example.org/a',
      'javascript:alert(1)',
      'https:///',
      'nothing',
      'C:\\repo',
      'file://server/share',
    ];
    for (const url of bad) {
      assert.throws(
        () => parseRepositoryUrl(url),
        (error: Error) => error.message.startsWith('not the URL of a git repository') && !error.message.includes(url),
        url,
      );
    }
  });

  it('refuses branches that git could take for something else', () => {
    for (const branch of ['', '-x', '--orphan', 'a b', 'a..b', 'a:b', 'x.lock', 'a\nb', 'a@{1}']) {
      assert.throws(() => checkBranch(branch), /not the name of a branch/, branch);
    }
    for (const branch of ['main', 'release/2.x', 'feature/ü']) checkBranch(branch);
  });

  it('names a folder after repository and branch', () => {
    const repository = parseRepositoryUrl('https://example.org/Team/My.Project.git');
    assert.match(cloneKey(repository, undefined), /^my-project-[0-9a-f]{16}$/);
    assert.notEqual(cloneKey(repository, 'main'), cloneKey(repository, undefined));
  });

  it('takes credentials out of what git says', () => {
    assert.equal(
      redactUrls("fatal: 'https://u:p@example.org/x' not found"),
      "fatal: 'https://example.org/x' not found",
    );
  });
});
