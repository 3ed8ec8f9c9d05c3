/** What comes back: nothing that rules or known credentials forbid, in whatever part of the reply it stands. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ConductorError, isConductorError } from '../../../src/base/errors.ts';
import type { JsonValue } from '../../../src/base/json.ts';
import type { Invoke, Progress, Reply, ToolReply } from '../../../src/contracts/index.ts';
import { KnownSecrets } from '../../../src/middleware/minimize/known-secrets.ts';
import type { MinimizeRule, MinimizeSide } from '../../../src/middleware/minimize/rules.ts';
import { minimizeOutput } from '../../../src/middleware/minimize-output.ts';
import { textReply, toolCall } from '../../fixtures/calls.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';

const clock = new VirtualClock();
const SECRET = 'hunter2-hunter2';
const known = new KnownSecrets({ secrets: () => [SECRET] });
const ruled = (output: MinimizeSide): readonly MinimizeRule[] => [{ tools: 'fake.*', output }];

const structured = (value: JsonValue): ToolReply => ({
  kind: 'tool',
  isError: false,
  content: [{ type: 'text', text: JSON.stringify(value) }],
  structuredContent: value,
});

function through(reply: Reply, output: MinimizeSide): Promise<Reply> {
  return minimizeOutput({ clock, rules: ruled(output) })(() => Promise.resolve(reply))(toolCall());
}

async function textThrough(text: string, output: MinimizeSide): Promise<string> {
  const reply = (await through(textReply(text), output)) as ToolReply;
  return reply.content[0]?.text ?? '';
}

describe('minimize-output', () => {
  it('removes a field from the structured content and from the text that repeats it', async () => {
    const reply = await through(structured({ rows: [{ id: 1, ssn: 'x' }] }), { remove: ['ssn'] });
    assert.deepEqual(reply, structured({ rows: [{ id: 1 }] }));
  });

  it('takes a path for what stands under it, and `$.` for the root', async () => {
    const value = { id: 1, user: { id: 2, list: [{ id: 3 }] }, other: { user: { id: 4 } } };
    const under = (await through(structured(value), { remove: ['user.id'] })) as ToolReply;
    assert.deepEqual(under.structuredContent, { id: 1, user: { list: [{ id: 3 }] }, other: { user: {} } });
    const root = (await through(structured(value), { remove: ['$.id'] })) as ToolReply;
    assert.deepEqual(root.structuredContent, { user: value.user, other: value.other });
    const glob = (await through(structured({ a_key: 1, b_key: 2, c: 3 }), { remove: ['*_key'] })) as ToolReply;
    assert.deepEqual(glob.structuredContent, { c: 3 });
  });

  it('masks all but the last characters, also of numbers and lists', async () => {
    const reply = (await through(structured({ card: '4111222233334444', accounts: [12345678, 'abc'] }), {
      mask: [
        { field: 'card', keepLast: 4 },
        { field: 'accounts', keepLast: 3 },
      ],
    })) as ToolReply;
    assert.deepEqual(reply.structuredContent, { card: '************4444', accounts: ['*****678', '***'] });
  });

  it('masks by pattern in one field, and in every text where no field is named', async () => {
    const one = { mask: [{ field: 'note', pattern: '\\d{3}-(\\d{2})', replace: '***-$1' }] };
    assert.equal(await textThrough('{"note":"123-45","id":"123-45"}', one), '{"note":"***-45","id":"123-45"}');
    const all = { mask: [{ pattern: 'PRJ-\\d+' }] };
    assert.equal(await textThrough('see PRJ-12 and PRJ-7', all), 'see [REDACTED] and [REDACTED]');
    assert.equal(await textThrough('{"a":["PRJ-12"]}', all), '{"a":["[REDACTED]"]}');
  });

  it('keeps a JSON text JSON: escapes, bare numbers and indentation survive', async () => {
    const text = JSON.stringify({ line: 'mail\nada@example.org', card: 4111111111111111, id: 1 }, null, 2);
    const left = await textThrough(text, { detect: ['email', 'card'] });
    assert.equal(left, JSON.stringify({ line: 'mail\n[REDACTED:email]', card: '[REDACTED:card]', id: 1 }, null, 2));
  });

  it('keeps integers that a double cannot hold as they were written', async () => {
    const left = await textThrough('{"id":12345678901234567890,"ssn":"x","n":1.50}', { remove: ['ssn'] });
    assert.equal(left, '{"id":12345678901234567890,"n":1.5}');
  });

  it('is not evaded by escapes, surrounding space, JSON in JSON, or one value per line', async () => {
    const output = { remove: ['ssn'] };
    assert.equal(await textThrough('{"\\u0073sn":"x","a":1}', output), '{"a":1}');
    assert.equal(await textThrough(` \uFEFF\n{"ssn":"x","a":1}${' '.repeat(500)}`, output), '{"a":1}');
    assert.equal(await textThrough(JSON.stringify({ a: '{"ssn":1}' }), output), '{"a":"{}"}');
    assert.equal(await textThrough('{"ssn":1,"a":1}\n{"ssn":2,"a":2}\n', output), '{"a":1}\n{"a":2}\n');
  });

  it('lets nothing through that is nested too deep to be examined', async () => {
    const deep = `${'['.repeat(5_000)}"ssn"${']'.repeat(5_000)}`;
    assert.match(await textThrough(deep, { remove: ['ssn'] }), /nested deeper than 500 levels/);
  });

  it('takes known credentials out of every part of every kind of reply', async () => {
    const base64 = Buffer.from(`user:${SECRET}`).toString('base64');
    const replies: Reply[] = [
      {
        kind: 'tool',
        isError: true,
        content: [
          { type: 'text', text: `say ${SECRET}` },
          { type: 'image', data: base64, mimeType: 'image/png' },
          { type: 'resource', resource: { uri: `x://${SECRET}`, text: SECRET, blob: base64 } },
          { type: 'resource_link', uri: `x://${SECRET}`, name: SECRET },
        ],
        structuredContent: { [SECRET]: [SECRET] },
        meta: { deep: { header: SECRET } },
      },
      { kind: 'resource', contents: [{ uri: `x://${SECRET}`, text: SECRET, blob: base64 }] },
      { kind: 'prompt', description: SECRET, messages: [{ role: 'user', content: { type: 'text', text: SECRET } }] },
      { kind: 'complete', values: ['fine', SECRET] },
    ];
    for (const reply of replies) {
      const left = await minimizeOutput({ clock, known })(() => Promise.resolve(reply))(toolCall());
      assert.doesNotMatch(JSON.stringify(left), /hunter2|aHVudGVy|h1bnRlcj/, reply.kind);
      assert.equal(left.kind, reply.kind);
    }
  });

  it('takes them out of errors, of what caused them, and of their details', async () => {
    const failing: Invoke = () => {
      const cause = Object.assign(new Error(`inner ${SECRET}`), { data: { header: SECRET } });
      return Promise.reject(
        new ConductorError('CONNECTION_LOST', `lost ${SECRET}`, { cause, sent: true, details: { url: `x?${SECRET}` } }),
      );
    };
    const error: unknown = await minimizeOutput({ clock, known })(failing)(toolCall()).catch(
      (thrown: unknown) => thrown,
    );
    assert.ok(isConductorError(error));
    assert.deepEqual([error.code, error.sent, error.message], ['CONNECTION_LOST', true, 'lost [REDACTED]']);
    const { inspect } = await import('node:util');
    assert.doesNotMatch(inspect(error, { depth: 10, showHidden: true }), /hunter2/);
  });

  it('takes them out of progress messages', async () => {
    const seen: Progress[] = [];
    const reporting: Invoke = (call) => {
      call.onProgress?.({ progress: 1, message: `at ${SECRET}` });
      return Promise.resolve(textReply('done'));
    };
    await minimizeOutput({ clock, known })(reporting)(toolCall({ onProgress: (progress) => seen.push(progress) }));
    assert.deepEqual(seen, [{ progress: 1, message: 'at [REDACTED]' }]);
  });

  it('passes the call and the reply on as they are when there is nothing to take out', async () => {
    const reply = structured({ a: [1, { b: 'text' }] });
    assert.equal(await through(reply, { remove: ['ssn'], detect: ['email'] }), reply);
    const idle = minimizeOutput({ clock, rules: [{ tools: 'other.*', output: { remove: ['a'] } }] });
    const promise = Promise.resolve<Reply>(reply);
    assert.equal(idle(() => promise)(toolCall()), promise);
  });

  it('does not take the protocol for what a server puts into it', async () => {
    const reply: ToolReply = {
      kind: 'tool',
      isError: false,
      content: [{ type: 'resource', resource: { uri: 'x://a', text: '{"text":1,"uri":2,"type":3}' } }],
    };
    const left = (await through(reply, { remove: ['text', 'uri', 'type'] })) as ToolReply;
    assert.deepEqual(left.content, [{ type: 'resource', resource: { uri: 'x://a', text: '{}' } }]);
  });

  it('leaves no removed field and no credential in any value, and the rest as it was', async () => {
    const key = fc.constantFrom('a', 'b', 'ssn', '__proto__');
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom<JsonValue>(null, true, 7, 'text', SECRET, `x${SECRET}y`),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map(Object.fromEntries),
      ),
    }));
    const layer = minimizeOutput({ clock, known, rules: ruled({ remove: ['ssn'] }) });
    await fc.assert(
      fc.asyncProperty(value, async (sample) => {
        const reply = (await layer(() => Promise.resolve(structured(sample as JsonValue)))(toolCall())) as ToolReply;
        const expected = JSON.parse(JSON.stringify(sample).replaceAll(SECRET, '[REDACTED]'), (name, field: unknown) =>
          name === 'ssn' ? undefined : field,
        ) as JsonValue;
        assert.equal(JSON.stringify(reply.structuredContent), JSON.stringify(expected));
        const text = reply.content[0]?.text ?? '';
        if (typeof expected === 'object') assert.equal(text, JSON.stringify(expected));
        assert.ok(!text.includes(SECRET));
      }),
    );
  });
});
