/** Who may make which call, and what is handed inward about it. */
import assert from 'node:assert/strict';
import type { Call, CallRecord, Principal } from '../../../src/contracts/index.ts';
import { type PermissionRule, readPermissions } from '../../../src/middleware/permissions/policy.ts';
import { permissions, type PermissionsOptions } from '../../../src/middleware/permissions.ts';
import { textReply, toolCall } from '../../fixtures/calls.ts';

const PIPELINE: Principal = { kind: 'pipeline', id: 'review' };

async function pass(
  call: Call,
  rules: readonly PermissionRule[] = [],
  options: Partial<PermissionsOptions> = {},
): Promise<Call> {
  const { policy } = readPermissions({ user: rules });
  let seen: Call | undefined;
  await permissions({ policy: () => policy, ...options })((inner) => {
    seen = inner;
    return Promise.resolve(textReply('done'));
  })(call);
  assert.ok(seen);
  return seen;
}

describe('permissions', () => {
  it('deny with the rule that does, and let nothing through', async () => {
    const range = { file: '/etc/config.yaml', line: 12, column: 1 };
    const record: CallRecord = { attempts: 0, events: [] };
    await assert.rejects(pass(toolCall({ record }), [{ effect: 'deny', tools: 'fake.*', range }]), {
      code: 'PERMISSION_DENIED',
      message: 'fake.echo: denied by rule 1 of config.yaml:12',
    });
    assert.equal(record.decision?.rule, '/etc/config.yaml:12');
  });

  it('deny a call that names nobody, whatever the rules allow', async () => {
    await assert.rejects(pass(toolCall({ principal: undefined }), [{ effect: 'allow', tools: '*.*' }]), {
      code: 'PERMISSION_DENIED',
      message: /nobody is named/,
    });
  });

  it("let a person's own call pass as it is", async () => {
    const call = toolCall();
    assert.equal(await pass(call), call);
  });

  it('let pipelines call the read-only tools they are given, and ask for the others', async () => {
    const options = { readOnlyTools: ['fake.read_*'] };
    const read = toolCall({ principal: PIPELINE, tool: 'read_file' });
    assert.equal(await pass(read, [], options), read);
    const write = await pass(toolCall({ principal: PIPELINE, tool: 'write_file' }), [], options);
    assert.equal(write.record?.decision?.effect, 'ask');
    const agent = await pass(toolCall({ principal: { kind: 'agent', id: 'a' }, tool: 'read_file' }), [], options);
    assert.equal(agent.record?.decision?.effect, 'ask');
  });

  it('deny what is to be asked where nobody asks', async () => {
    await assert.rejects(pass(toolCall({ principal: PIPELINE }), [], { asks: false }), {
      code: 'PERMISSION_DENIED',
      message: /denied because it is to be asked by default: .* asking is switched off$/,
    });
  });

  it('hand the decision inward on the record there is, or on one of their own', async () => {
    const record: CallRecord = { attempts: 0, events: [] };
    const rules: PermissionRule[] = [{ effect: 'ask', tools: '*.*' }];
    const known = toolCall({ record });
    assert.equal(await pass(known, rules), known);
    assert.equal(record.decision?.effect, 'ask');
    assert.equal((await pass(toolCall(), rules)).record?.decision?.because, 'to be asked by rule 1 of the user');
  });

  it('take a default that is given before the built-in ones, and rules before it', async () => {
    const defaultEffect = (): { effect: 'allow'; because: string } => ({
      effect: 'allow',
      because: 'a person started it',
    });
    const call = toolCall({ principal: PIPELINE });
    assert.equal(await pass(call, [], { defaultEffect }), call);
    await assert.rejects(pass(call, [{ effect: 'deny', tools: '*.*' }], { defaultEffect }));
  });

  it('look at the arguments, and at addresses and prompts too', async () => {
    const rules: PermissionRule[] = [
      { effect: 'deny', tools: 'fake.*', when: [{ path: 'force', equals: true }] },
      { effect: 'deny', tools: 'fake.resource:*', when: [{ path: 'uri', startsWith: 'file:///etc' }] },
    ];
    await assert.rejects(pass(toolCall({ request: { kind: 'tool', tool: 'echo', args: { force: true } } }), rules));
    await assert.rejects(pass(toolCall({ request: { kind: 'resource', uri: 'file:///etc/passwd' } }), rules));
    await pass(toolCall({ request: { kind: 'resource', uri: 'file:///home' } }), rules);
  });

  it('follow an edit of the rules from the next call on', async () => {
    let { policy } = readPermissions({});
    const layer = permissions({ policy: () => policy })(() => Promise.resolve(textReply('done')));
    await layer(toolCall());
    ({ policy } = readPermissions({ user: [{ effect: 'deny', tools: '*.*' }] }));
    await assert.rejects(layer(toolCall()), { code: 'PERMISSION_DENIED' });
  });
});
