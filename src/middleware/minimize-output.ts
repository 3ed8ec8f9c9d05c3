/** Takes out of a reply what rules and known credentials say, before it is stored, shown, or given to a model. */
import type { Clock } from '../base/clock.ts';
import { ConductorError, isConductorError, messageOf } from '../base/errors.ts';
import type { JsonObject, JsonValue } from '../base/json.ts';
import type { Call, ContentBlock, Invoke, Middleware, Progress, Reply, ToolReply } from '../contracts/index.ts';
import type { KnownSecrets } from './minimize/known-secrets.ts';
import { type MinimizeRule, Minimizer } from './minimize/rules.ts';
import { type Scrubber, scrubKnown, scrubText, scrubValue } from './minimize/scrub.ts';

export interface MinimizeOutputOptions {
  readonly clock: Clock;
  /** Every rule that matches applies. @default none */
  readonly rules?: readonly MinimizeRule[] | undefined;
  /** Credentials that no reply, error or progress message passes on, in any encoding. @default none */
  readonly known?: KnownSecrets | undefined;
}

/**
 * Removes and masks in `structuredContent`, in text that is JSON, in plain text, in errors and in progress messages.
 *
 * @throws TypeError naming the rule that is wrong.
 * @example
 * composeStack(directory.invoke, {
 *   minimizeOutput: minimizeOutput({ clock, rules: [{ tools: 'crm.*', output: { detect: ['email'] } }] }),
 * });
 */
export function minimizeOutput(options: MinimizeOutputOptions): Middleware {
  const minimizer = new Minimizer(options.rules ?? [], 'output', options.known);
  return (next: Invoke): Invoke =>
    function minimizeOutputCall(call) {
      const scrubber = minimizer.scrubberFor(call.server, call.request);
      return scrubber === undefined ? next(call) : minimized(next, call, scrubber, options.clock);
    };
}

async function minimized(next: Invoke, call: Call, scrubber: Scrubber, clock: Clock): ReturnType<Invoke> {
  let reply: Reply;
  try {
    reply = await next(
      call.onProgress === undefined ? call : { ...call, onProgress: scrubbedProgress(call, scrubber) },
    );
  } catch (error) {
    throw scrubError(scrubber, error);
  }
  const scrubbed = scrubReply(scrubber, reply);
  if (scrubbed !== reply) call.record?.events.push({ name: 'output minimized', at: clock.now() });
  return scrubbed;
}

function scrubbedProgress(call: Call, scrubber: Scrubber): (progress: Progress) => void {
  return (progress) => {
    const { message } = progress;
    call.onProgress?.(message === undefined ? progress : { ...progress, message: scrubText(scrubber, message) });
  };
}

function scrubReply(scrubber: Scrubber, reply: Reply): Reply {
  switch (reply.kind) {
    case 'tool':
      return scrubToolReply(scrubber, reply);
    case 'resource': {
      const contents = mapChanged(reply.contents, (part) => scrubResource(scrubber, part));
      return contents === reply.contents ? reply : { ...reply, contents };
    }
    case 'prompt': {
      const messages = mapChanged(reply.messages, (message) => {
        const content = scrubBlock(scrubber, message.content);
        return content === message.content ? message : { ...message, content };
      });
      const description = optional(reply.description, (text) => scrubText(scrubber, text));
      return messages === reply.messages && description === reply.description
        ? reply
        : { ...reply, messages, ...(description === undefined ? {} : { description }) };
    }
    case 'complete': {
      const values = mapChanged(reply.values, (value) => scrubText(scrubber, value));
      return values === reply.values ? reply : { ...reply, values };
    }
  }
}

function scrubToolReply(scrubber: Scrubber, reply: ToolReply): ToolReply {
  const content = mapChanged(reply.content, (block) => scrubBlock(scrubber, block));
  const structuredContent = optional(reply.structuredContent, (value) => scrubValue(scrubber, value));
  const meta = optional(reply.meta, (value) => scrubValue(scrubber, value) as JsonObject);
  const same = content === reply.content && structuredContent === reply.structuredContent && meta === reply.meta;
  if (same) return reply;
  return {
    ...reply,
    content,
    ...(structuredContent === undefined ? {} : { structuredContent }),
    ...(meta === undefined ? {} : { meta }),
  };
}

/** Names of the protocol's own fields are no fields of rules: `remove: [text]` is about what a server puts into it. */
function scrubBlock(scrubber: Scrubber, block: ContentBlock): ContentBlock {
  let copy: Record<string, JsonValue | undefined> | undefined;
  for (const name of Object.keys(block)) {
    const field = block[name];
    const scrubbed = optional(field, (value) => scrubBlockField(scrubber, name, value));
    if (scrubbed === field) continue;
    copy ??= { ...block };
    copy[name] = scrubbed;
  }
  return copy === undefined ? block : (copy as ContentBlock);
}

function scrubBlockField(scrubber: Scrubber, name: string, value: JsonValue): JsonValue {
  if (name === 'type') return value;
  if (typeof value === 'string') return isBinary(name) ? scrubKnown(scrubber, value) : scrubText(scrubber, value);
  if (name === 'resource' && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return scrubResource(scrubber, value as JsonObject);
  }
  return scrubValue(scrubber, value);
}

/** Contents of a resource, read on its own or embedded in a block: `uri`, `mimeType`, `text`, `blob`. */
function scrubResource<T extends object>(scrubber: Scrubber, resource: T): T {
  return scrubBlock(scrubber, resource as unknown as ContentBlock) as unknown as T;
}

const isBinary = (name: string): boolean => name === 'data' || name === 'blob' || name === 'mimeType';

/** A server's words end up in messages, and what caused an error is as readable as the error. */
function scrubError(scrubber: Scrubber, error: unknown): unknown {
  const message = scrubText(scrubber, messageOf(error));
  if (!isConductorError(error)) return message === messageOf(error) ? error : new Error(message);
  const details = scrubDetails(scrubber, error.details);
  const cause = scrubCause(scrubber, error.cause, 0);
  if (message === error.message && details === error.details && cause === error.cause) return error;
  return new ConductorError(error.code, message, {
    cause,
    details,
    ...(error.sent === undefined ? {} : { sent: error.sent }),
  });
}

type Details = Readonly<Record<string, unknown>>;

/** Details that are not JSON cannot be examined: their text is. */
function scrubDetails(scrubber: Scrubber, details: Details, depth = 0): Details {
  let copy: Record<string, unknown> | undefined;
  for (const [name, value] of Object.entries(details)) {
    const scrubbed = isPlain(value) ? scrubValue(scrubber, value) : scrubCause(scrubber, value, depth);
    if (scrubbed !== value) copy = { ...(copy ?? details), [name]: scrubbed };
  }
  return copy ?? details;
}

function isPlain(value: unknown): value is JsonValue {
  if (typeof value !== 'object' || value === null) return ['string', 'number', 'boolean'].includes(typeof value);
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
}

const MAX_CAUSES = 10;

function scrubCause(scrubber: Scrubber, cause: unknown, depth: number): unknown {
  if (isPlain(cause)) return scrubValue(scrubber, cause);
  if (!(cause instanceof Error)) return cause;
  if (depth >= MAX_CAUSES) return undefined;
  const message = scrubText(scrubber, cause.message);
  const inner = scrubCause(scrubber, cause.cause, depth + 1);
  const rest = scrubDetails(scrubber, { ...cause, cause: undefined, stack: cause.stack }, depth + 1);
  const clean = Object.entries(rest).every(([name, value]) => name === 'cause' || value === cause[name as keyof Error]);
  if (message === cause.message && inner === cause.cause && clean) return cause;
  const copy = new Error(message, inner === undefined ? undefined : { cause: inner });
  copy.name = cause.name;
  return copy;
}

function optional<T>(value: T | undefined, change: (value: T) => T): T | undefined {
  return value === undefined ? undefined : change(value);
}

/** The list itself when no element changed. */
function mapChanged<T>(items: readonly T[], change: (item: T) => T): readonly T[] {
  let copy: T[] | undefined;
  for (let index = 0; index < items.length; index += 1) {
    const item = items[index] as T;
    const changed = change(item);
    if (changed === item) continue;
    copy ??= [...items];
    copy[index] = changed;
  }
  return copy ?? items;
}
