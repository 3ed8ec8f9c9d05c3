/** One call as the SDK's client takes it, and its answer as this house's `Reply`. */
import type {
  CallToolResult,
  Client,
  CompleteResult,
  GetPromptResult,
  ReadResourceResult,
  RequestOptions,
  Tool,
} from '@modelcontextprotocol/client';
import type { ToolInfo } from '../contracts/server.ts';
import type { JsonObject, JsonValue } from '../base/json.ts';
import type {
  Call,
  CompleteReply,
  ContentBlock,
  PromptReply,
  Reply,
  Request,
  ResourceReply,
  ToolReply,
} from '../contracts/call.ts';

/** The longest time `setTimeout` takes, in milliseconds: time limits are the timeout middleware's, never the SDK's. */
const NO_TIMEOUT = 2_147_483_647;

/** What was asked for, as messages name it. */
export function describeRequest(request: Request): string {
  switch (request.kind) {
    case 'tool':
      return `tool "${request.tool}"`;
    case 'resource':
      return `resource "${request.uri}"`;
    case 'prompt':
      return `prompt "${request.name}"`;
    case 'complete':
      return `completion of "${request.argument.name}"`;
  }
}

/** @param tool the definition of the tool that is called, when it is known */
export async function sendRequest(client: Client, call: Call, tool: ToolInfo | undefined): Promise<Reply> {
  const options = requestOptions(call);
  const meta = metaOf(call);
  const { request } = call;
  switch (request.kind) {
    case 'tool':
      return toolReply(
        await client.callTool(
          { name: request.tool, arguments: { ...request.args }, ...meta },
          { ...options, ...withoutOutput(tool) },
        ),
      );
    case 'resource':
      return resourceReply(
        await client.readResource({ uri: request.uri, ...meta }, { ...options, cacheMode: 'bypass' }),
      );
    case 'prompt':
      return promptReply(
        await client.getPrompt({ name: request.name, arguments: { ...request.args }, ...meta }, options),
      );
    case 'complete':
      return completeReply(await client.complete({ ...completion(request), ...meta }, options));
  }
}

/** Every transport carries `_meta`; over HTTP the idempotency key is a header as well. */
function metaOf({ meta, idempotencyKey }: Call): { _meta?: Record<string, unknown> } {
  if (idempotencyKey !== undefined) return { _meta: { ...meta, 'idempotency-key': idempotencyKey } };
  return Object.keys(meta).length === 0 ? {} : { _meta: { ...meta } };
}

function requestOptions(call: Call): RequestOptions {
  const { onProgress, idempotencyKey } = call;
  return {
    signal: call.signal,
    timeout: NO_TIMEOUT,
    ...(onProgress === undefined ? {} : { onprogress: onProgress }),
    ...(idempotencyKey === undefined ? {} : { headers: { 'Idempotency-Key': idempotencyKey } }),
  };
}

/** The input schema says which arguments go into headers as well; without an output schema the SDK checks no results. */
function withoutOutput(tool: ToolInfo | undefined): { toolDefinition?: Tool } {
  if (tool === undefined) return {};
  return { toolDefinition: { name: tool.name, inputSchema: tool.inputSchema as Tool['inputSchema'] } };
}

function completion(request: Extract<Request, { kind: 'complete' }>) {
  const { ref, argument } = request;
  const wire =
    ref.kind === 'prompt'
      ? ({ type: 'ref/prompt', name: ref.name } as const)
      : ({ type: 'ref/resource', uri: ref.uri } as const);
  return { ref: wire, argument: { ...argument } };
}

function toolReply(result: CallToolResult): ToolReply {
  return {
    kind: 'tool',
    isError: result.isError === true,
    content: result.content as unknown as readonly ContentBlock[],
    structuredContent: result.structuredContent as JsonValue | undefined,
    meta: result._meta as JsonObject | undefined,
  };
}

function resourceReply(result: ReadResourceResult): ResourceReply {
  const contents = result.contents.map((part) => ({
    uri: part.uri,
    mimeType: part.mimeType,
    text: 'text' in part ? part.text : undefined,
    blob: 'blob' in part ? part.blob : undefined,
  }));
  return { kind: 'resource', contents, meta: cacheHints(result) };
}

/** `ttlMs` and `cacheScope` stand beside `_meta` on the wire; here they are part of it. */
function cacheHints({ _meta, ttlMs, cacheScope }: ReadResourceResult): JsonObject | undefined {
  if (ttlMs === undefined && cacheScope === undefined) return _meta as JsonObject | undefined;
  return { ...(_meta as JsonObject | undefined), ttlMs, cacheScope } as JsonObject;
}

function promptReply(result: GetPromptResult): PromptReply {
  const messages = result.messages.map(({ role, content }) => ({ role, content: content as unknown as ContentBlock }));
  return { kind: 'prompt', description: result.description, messages };
}

function completeReply(result: CompleteResult): CompleteReply {
  const { values, total, hasMore } = result.completion;
  return { kind: 'complete', values, total, hasMore };
}
