/** What leaves: fields by rule, known credentials by value, and one digest of what is left. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { canonicalJson, type JsonObject } from '../../../src/base/json.ts';
import type { Call, Request } from '../../../src/contracts/index.ts';
import { KnownSecrets } from '../../../src/middleware/minimize/known-secrets.ts';
import type { MinimizeRule } from '../../../src/middleware/minimize/rules.ts';
import { minimizeInput, type MinimizeInputOptions } from '../../../src/middleware/minimize-input.ts';
import { textReply, toolCall } from '../../fixtures/calls.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';

const clock = new VirtualClock();
const sha256 = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex');

async function sent(call: Call, options: Partial<MinimizeInputOptions> = {}): Promise<Call> {
  let seen: Call | undefined;
  await minimizeInput({ clock, ...options })((inner) => {
    seen = inner;
    return Promise.resolve(textReply('done'));
  })(call);
  assert.ok(seen);
  return seen;
}

async function sentArgs(args: JsonObject, rules: readonly MinimizeRule[]): Promise<JsonObject> {
  const call = await sent(toolCall({ request: { kind: 'tool', tool: 'echo', args } }), { rules });
  return (call.request as { readonly args: JsonObject }).args;
}

describe('minimize-input', () => {
  it('removes fields at any depth, inside lists and inside texts that are JSON', async () => {
    const person = { name: 'Ada', ssn: '123' };
    const left = await sentArgs({ ...person, friends: [person], raw: JSON.stringify({ person }) }, [
      { tools: 'fake.echo', input: { remove: ['ssn'] } },
    ]);
    assert.deepEqual(left, { name: 'Ada', friends: [{ name: 'Ada' }], raw: '{"person":{"name":"Ada"}}' });
  });

  it('applies every rule that matches, and no other', async () => {
    const left = await sentArgs({ a: 1, b: 2, c: 3, d: 4 }, [
      { tools: '*.*', input: { remove: ['a'] } },
      { tools: 'fake.*', input: { remove: ['b'] } },
      { tools: 'other.*', input: { remove: ['c'] } },
      { tools: 'fake.echo', output: { remove: ['d'] } },
    ]);
    assert.deepEqual(left, { c: 3, d: 4 });
  });

  it('takes known credentials out of arguments, addresses and prompts', async () => {
    const known = new KnownSecrets({ secrets: () => ['hunter2-hunter2'] });
    const requests: Request[] = [
      { kind: 'tool', tool: 'echo', args: { deep: [{ url: 'https://x/?k=hunter2-hunter2', 'hunter2-hunter2': 1 }] } },
      { kind: 'resource', uri: 'file:///hunter2-hunter2' },
      { kind: 'prompt', name: 'p', args: { a: Buffer.from('hunter2-hunter2').toString('base64') } },
      { kind: 'complete', ref: { kind: 'prompt', name: 'p' }, argument: { name: 'a', value: 'hunter2-hunter2' } },
    ];
    for (const request of requests) {
      const call = await sent(toolCall({ request }), { known });
      assert.match(JSON.stringify(call.request), /\[REDACTED\]/);
      assert.doesNotMatch(JSON.stringify(call.request), /hunter2|aHVudGVy/);
    }
  });

  it('writes down the digest of what is left, whatever digest the call came with', async () => {
    const request: Request = { kind: 'tool', tool: 'echo', args: { b: 1, a: 2, secret: 'x' } };
    const call = await sent(toolCall({ request, argumentsDigest: 'of something else' }), {
      rules: [{ tools: '*.*', input: { remove: ['secret'] } }],
    });
    assert.equal(call.argumentsDigest, sha256({ a: 2, b: 1 }));
  });

  it('leaves the call as it is when there is nothing to take out and nobody needs a digest', async () => {
    const call = toolCall();
    assert.equal(
      await sent(call, { needsDigest: () => false, rules: [{ tools: 'other.*', input: { remove: ['x'] } }] }),
      call,
    );
  });

  it('does not change the arguments the caller holds', async () => {
    const args = { keep: 1, nested: { ssn: '1' } };
    await sentArgs(args, [{ tools: '*.*', input: { remove: ['ssn'] } }]);
    assert.deepEqual(args, { keep: 1, nested: { ssn: '1' } });
  });

  it('notes on the record that something was taken out', async () => {
    const record = { attempts: 0, events: [] };
    const request: Request = { kind: 'tool', tool: 'echo', args: { ssn: '1' } };
    await sent(toolCall({ request, record }), { rules: [{ tools: '*.*', input: { remove: ['ssn'] } }] });
    assert.deepEqual(record.events, [{ name: 'input minimized', at: clock.now() }]);
  });

  it('refuses arguments that are not JSON', async () => {
    const request: Request = { kind: 'tool', tool: 'echo', args: { n: Number.NaN } };
    await assert.rejects(sent(toolCall({ request })), { code: 'VALIDATION_FAILED' });
  });

  const wrong: readonly (readonly [MinimizeRule, RegExp])[] = [
    [{ tools: 'echo', input: { remove: ['a'] } }, /rule 1: "echo" names no tool: write server\.tool/],
    [{ tools: '*.*' }, /rule 1: the rule does nothing/],
    [{ tools: '*.*', input: { remove: ['a..b'] } }, /"a\.\.b" is no field path/],
    [{ tools: '*.*', input: { remove: ['a[0].b'] } }, /arrays need no index/],
    [
      { tools: '*.*', input: { mask: [{ field: 'a', keepLast: -1 }] } },
      /keepLast must be a whole number of at least 0, not -1/,
    ],
    [{ tools: '*.*', input: { mask: [{ pattern: '(' }] } }, /linear time/],
    [{ tools: '*.*', output: { detect: ['passport' as 'email'] } }, /there is no detector "passport"/],
  ];
  for (const [rule, message] of wrong) {
    it(`says what is wrong with ${JSON.stringify(rule)}`, () => {
      assert.throws(() => minimizeInput({ clock, rules: [rule] }), message);
    });
  }
});
