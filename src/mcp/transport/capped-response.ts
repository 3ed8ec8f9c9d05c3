/** A response of which no more than so many bytes are read, whoever reads it and however. */

/** What else reads a body; rarely asked for, so that a stream in between does no harm. */
const OTHER_READERS = ['arrayBuffer', 'blob', 'bytes', 'formData', 'clone'] as const;

/**
 * `text` and `json`, which the SDK reads every answer with, go straight to the body: a transform stream between would
 * cost more than the rest of a call.
 * @param maxBytes - after decompression
 */
export function cappedResponse(response: Response, body: ReadableStream<Uint8Array>, maxBytes: number): Response {
  const text = (): Promise<string> => readText(body, maxBytes);
  let rest: Response | undefined;
  const guarded = (): Response => {
    const { status, statusText, headers } = response;
    rest ??= new Response(body.pipeThrough(cappedBody(maxBytes)), { status, statusText, headers });
    return rest;
  };
  Object.defineProperties(response, {
    text: { value: text },
    json: { value: async () => JSON.parse(await text()) as unknown },
    body: { get: () => guarded().body },
  });
  for (const name of OTHER_READERS) {
    Object.defineProperty(response, name, { value: () => (guarded()[name] as () => unknown)() });
  }
  return response;
}

async function readText(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.length;
    if (bytes > maxBytes) {
      const error = tooLong(maxBytes);
      await reader.cancel(error);
      throw error;
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** Passes at most `maxBytes`, then fails. */
function cappedBody(maxBytes: number): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.length;
      if (bytes > maxBytes) controller.error(tooLong(maxBytes));
      else controller.enqueue(chunk);
    },
  });
}

function tooLong(maxBytes: number): Error {
  return new Error(`the response is longer than ${Math.round(maxBytes / 1_048_576)} MB`);
}
