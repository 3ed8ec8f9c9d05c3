/** Event streams and bodies: passed on as they are, bounded, and never without an answer. */
import assert from 'node:assert/strict';
import { guardedFetch } from '../../../../src/mcp/transport/guarded-fetch.ts';
import { guardedEvents } from '../../../../src/mcp/transport/sse-guard.ts';

const ANSWER = 'event: message\ndata: {"jsonrpc":"2.0","id":7,"result":{}}\n\n';

function stream(chunks: readonly string[], failure?: Error): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      if (failure === undefined) controller.close();
      else setImmediate(() => controller.error(failure));
    },
  });
}

function guard(
  body: ReadableStream<Uint8Array>,
  more: { request?: number; maxBytes?: number; signal?: AbortSignal } = {},
): Promise<string> {
  const request = 'request' in more ? more.request : 7;
  const notes: string[] = [];
  return new Response(
    guardedEvents(body, {
      maxBytes: more.maxBytes ?? 1_000,
      request,
      signal: more.signal,
      onNote: (text) => notes.push(text),
    }),
  ).text();
}

describe('a guarded event stream', () => {
  it('is passed on unchanged, however it is cut', async () => {
    const progress =
      ': keep-alive\r\n\r\ndata: {"jsonrpc":"2.0","method":"notifications/progress","params":{}}\r\n\r\n';
    assert.equal(await guard(stream([...(progress + ANSWER)])), progress + ANSWER);
  });

  it('answers for a stream that ends without the answer', async () => {
    assert.match(
      await guard(stream([': nothing\n\n'])),
      /"id":7,"error":\{"code":-32700,"message":"the stream ended without an answer","data":"connection-lost"\}/,
    );
  });

  it('answers for a stream that breaks', async () => {
    assert.match(
      await guard(stream([': nothing\n\n'], new Error('socket hang up'))),
      /"id":7,"error":.*socket hang up.*connection-lost/,
    );
  });

  it('leaves a stream with event ids to be resumed, and one that the caller ended', async () => {
    assert.equal(await guard(stream(['id: 1\ndata:\n\n'])), 'id: 1\ndata:\n\n');
    assert.equal(await guard(stream([': x\n\n']), { signal: AbortSignal.abort() }), ': x\n\n');
  });

  it('replaces a reply that cannot be used', async () => {
    assert.match(
      await guard(stream(['data: {"id":7,"result":{}}\n\n'])),
      /"id":7,"error":\{"code":-32700,"message":"unusable reply: \\"jsonrpc\\" is missing/,
    );
    assert.match(await guard(stream(['data: {"jsonrpc":\n\n'])), /"id":7,"error":/);
  });

  it('ends an event without an end at the cap', async () => {
    const text = await guard(stream(['data: ', 'x'.repeat(600), 'x'.repeat(600)]));
    assert.match(text, /"id":7,"error":\{"code":-32700,"message":"an event is longer than/);
  });

  it('fails instead when nobody waits for an answer', async () => {
    await assert.rejects(guard(stream(['x'.repeat(1_200)]), { request: undefined }), /an event is longer than/);
  });
});

describe('a guarded fetch', () => {
  it('stops a body at the cap', async () => {
    const send = guardedFetch({
      maxBytes: 1_000,
      onNote: () => undefined,
      now: () => 0,
      fetch: async () => new Response('x'.repeat(1_001), { headers: { 'content-type': 'application/json' } }),
    });
    for (const read of ['text', 'json', 'arrayBuffer', 'blob'] as const) {
      await assert.rejects((await send('http://x/'))[read](), /longer than/, read);
    }
    const { body } = await send('http://x/');
    await assert.rejects(new Response(body).text(), /longer than/);
  });

  it('reads characters that fall apart between chunks, and JSON', async () => {
    const bytes = new TextEncoder().encode('{"a":"grüße 🙂"}');
    const send = guardedFetch({
      maxBytes: 1_000,
      now: () => 0,
      onNote: () => undefined,
      fetch: async () => new Response(ReadableStream.from([...bytes].map((byte) => Uint8Array.of(byte)))),
    });
    assert.deepEqual(await (await send('http://x/')).json(), { a: 'grüße 🙂' });
    assert.equal(await (await send('http://x/')).text(), '{"a":"grüße 🙂"}');
  });

  it('keeps status and headers', async () => {
    const send = guardedFetch({
      maxBytes: 10,
      onNote: () => undefined,
      now: () => 0,
      fetch: async () => new Response('ok', { status: 404, headers: { 'mcp-session-id': 's' } }),
    });
    const response = await send('http://x/');
    assert.deepEqual(
      [response.status, response.headers.get('mcp-session-id'), await response.text()],
      [404, 's', 'ok'],
    );
  });
});
