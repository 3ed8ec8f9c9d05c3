/** What servers inherit: what programs need, and nobody's secrets. */
import assert from 'node:assert/strict';
import { hostEnvironment } from '../../../src/node/environment.ts';

describe('the environment of servers', () => {
  it('holds what programs need and nothing else', () => {
    const { inherited, lookup } = hostEnvironment(
      { PATH: '/bin', HTTPS_PROXY: 'http://p', GITHUB_TOKEN: 'x', NODE_OPTIONS: '--inspect', HOME: undefined },
      [],
      'linux',
    );
    assert.deepEqual(inherited, { PATH: '/bin', HTTPS_PROXY: 'http://p' });
    assert.equal(lookup('GITHUB_TOKEN'), 'x', 'a definition may still ask for it by name');
  });

  it('drops functions that a shell exported', () => {
    assert.deepEqual(hostEnvironment({ TERM: '() { evil; }' }, [], 'linux').inherited, {});
  });

  it('compares names without case on Windows only', () => {
    assert.deepEqual(hostEnvironment({ Path: 'C:\\bin' }, [], 'win32').inherited, { Path: 'C:\\bin' });
    assert.deepEqual(hostEnvironment({ Path: '/bin' }, [], 'linux').inherited, {});
  });

  it('adds what the person names, but never a credential', () => {
    const env = { JAVA_HOME: '/java', MCP_CONDUCTOR_SECRET_GITHUB__TOKEN: 'x', OTHER: 'y' };
    const { inherited, lookup } = hostEnvironment(env, ['JAVA_HOME', 'MCP_CONDUCTOR_SECRET_GITHUB__TOKEN'], 'linux');
    assert.deepEqual(inherited, { JAVA_HOME: '/java' });
    assert.equal(lookup('MCP_CONDUCTOR_SECRET_GITHUB__TOKEN'), undefined, 'no definition gets at it by another way');
  });
});
