/** A reply as the text of a document. */
import { type Reply, textOf } from '../../contracts/index.ts';

interface RenderedReply {
  readonly text: string;
  readonly language: 'json' | 'plaintext';
}

/** Structured content where there is some, the text where that is all there is, else every block as JSON. */
export function renderReply(reply: Reply): RenderedReply {
  if (reply.kind !== 'tool') return json(reply);
  if (reply.structuredContent !== undefined) return json(reply.structuredContent);
  if (reply.content.some((block) => block.type !== 'text')) return json(reply.content);
  const text = textOf(reply);
  try {
    return json(JSON.parse(text));
  } catch {
    return { text, language: 'plaintext' };
  }
}

function json(value: unknown): RenderedReply {
  return { text: `${JSON.stringify(value, undefined, 2)}\n`, language: 'json' };
}
