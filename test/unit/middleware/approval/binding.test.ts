/** What approvals and caches are bound to, without asking the server. */
import assert from 'node:assert/strict';
import { identifyCall } from '../../../../src/middleware/approval/binding.ts';
import { OneServer, toolInfo } from '../../../fixtures/approvals.ts';
import { toolCall } from '../../../fixtures/calls.ts';

describe('the identity of what a call would reach', () => {
  it('stays as long as the server and the definition stay', () => {
    const servers = new OneServer();
    const before = identifyCall(servers, toolCall());
    assert.ok(before);
    assert.deepEqual(identifyCall(servers, toolCall()), before);
    servers.offer(toolInfo('echo', { description: 'another' }));
    const redefined = identifyCall(servers, toolCall());
    assert.equal(redefined?.serverIdentity, before.serverIdentity);
    assert.notEqual(redefined?.definitionHash, before.definitionHash);
    servers.relaunch('another');
    assert.notEqual(identifyCall(servers, toolCall())?.serverIdentity, before.serverIdentity);
  });

  it('is not known of a tool that is not there, and of a server that is not running', () => {
    const servers = new OneServer();
    assert.equal(identifyCall(servers, toolCall({ tool: 'missing' })), undefined);
    servers.stop(toolInfo('echo'));
    assert.equal(identifyCall(servers, toolCall()), undefined);
  });
});
