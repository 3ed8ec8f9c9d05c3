/** JSON-RPC envelopes: what passes, and what is said of what does not. */
import assert from 'node:assert/strict';
import { readEnvelope } from '../../../../src/mcp/transport/envelope.ts';
import { PendingRequests } from '../../../../src/mcp/transport/pending.ts';

describe('an envelope', () => {
  const good: readonly unknown[] = [
    { jsonrpc: '2.0', id: 1, result: {} },
    { jsonrpc: '2.0', id: 'a', error: { code: -1, message: 'no' } },
    { jsonrpc: '2.0', method: 'notifications/x' },
    { jsonrpc: '2.0', id: 2, method: 'ping' },
  ];
  for (const message of good) {
    it(`passes: ${JSON.stringify(message)}`, () =>
      assert.deepEqual(readEnvelope(message), { kind: 'message', message }));
  }

  const bad: readonly (readonly [unknown, boolean, string | number | undefined, RegExp])[] = [
    ['text', false, undefined, /not a JSON object/],
    [[], false, undefined, /not a JSON object/],
    [null, false, undefined, /not a JSON object/],
    [{ id: 1, result: {} }, true, 1, /"jsonrpc" is missing/],
    [{ jsonrpc: '1.0', id: 1, result: {} }, true, 1, /"jsonrpc" is "1.0"/],
    [{ jsonrpc: '2.0', result: {} }, true, undefined, /"id" is missing/],
    [{ jsonrpc: '2.0', id: null, error: { code: 1, message: '' } }, true, undefined, /"id" is null/],
    [{ jsonrpc: '2.0', id: 1 }, true, 1, /neither "result" nor "error"/],
    [{ jsonrpc: '2.0', id: 1, result: {}, error: { code: 1, message: '' } }, true, 1, /both/],
    [{ jsonrpc: '2.0', id: 1, result: 'done' }, true, 1, /"result" is "done", expected an object/],
    [{ jsonrpc: '2.0', id: 1, error: { code: 'x', message: '' } }, true, 1, /no integer "code"/],
    [{ jsonrpc: '2.0', method: 5 }, false, undefined, /"method" is not a string/],
  ];
  for (const [value, reply, id, problem] of bad) {
    it(`is refused: ${JSON.stringify(value)}`, () => {
      const envelope = readEnvelope(value);
      assert.equal(envelope.kind, 'malformed');
      if (envelope.kind !== 'malformed') return;
      assert.equal(envelope.reply, reply);
      assert.equal(envelope.id, id);
      assert.match(envelope.problem, problem);
    });
  }
});

describe('whom a bad reply concerns', () => {
  const request = (id: number, method = 'tools/call') => ({ jsonrpc: '2.0' as const, id, method });

  it('is the request it names', () => {
    const pending = new PendingRequests();
    pending.sent(request(1));
    pending.sent(request(2));
    assert.equal(pending.attribute(2), 2);
    assert.equal(pending.attribute(2), undefined, 'only once');
  });

  it('is the only one there is when it names none, subscriptions aside', () => {
    const pending = new PendingRequests();
    pending.sent(request(1));
    pending.sent(request(9, 'subscriptions/listen'));
    assert.equal(pending.attribute(undefined), 1);
  });

  it('is nobody when two wait, or when it names somebody who does not', () => {
    const pending = new PendingRequests();
    pending.sent(request(1));
    assert.equal(pending.attribute(5), undefined);
    pending.sent(request(2));
    assert.equal(pending.attribute(undefined), undefined);
  });

  it('is nobody who was answered or has given up', () => {
    const pending = new PendingRequests();
    pending.sent(request(1));
    pending.sent(request(2));
    pending.received({ jsonrpc: '2.0', id: 1, result: {} });
    pending.sent({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 2 } });
    assert.equal(pending.attribute(undefined), undefined);
  });
});
