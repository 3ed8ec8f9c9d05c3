/**
 * OpenTelemetry names for MCP calls, all in this file because the conventions are still in development: spans and the
 * duration metric of "Semantic conventions for Model Context Protocol" (opentelemetry.io/docs/specs/semconv/gen-ai/mcp).
 * What the conventions have no name for is called `mcp_conductor.…`.
 */
import type { Attributes } from '@opentelemetry/api';
import type { Call, TraceEntry } from '../contracts/index.ts';

const METHODS = {
  tool: 'tools/call',
  resource: 'resources/read',
  prompt: 'prompts/get',
  complete: 'completion/complete',
} as const;

/** What was asked of whom, as a call or its trace entry says it. */
export type Asked = Pick<TraceEntry, 'kind' | 'server' | 'tool'>;

/** Addresses of resources are without number and stay out of the name. */
export function spanName({ kind, tool }: Pick<Asked, 'kind' | 'tool'>): string {
  return kind === 'resource' || tool === '' ? METHODS[kind] : `${METHODS[kind]} ${tool}`;
}

/** @param target - the tool, prompt or address, without anything secret */
export function askedAttributes({ kind, server, tool }: Asked): Attributes {
  const attributes: Attributes = { 'mcp.method.name': METHODS[kind], 'mcp_conductor.server': server };
  if (tool === '') return attributes;
  if (kind === 'tool') {
    attributes['gen_ai.operation.name'] = 'execute_tool';
    attributes['gen_ai.tool.name'] = tool;
  } else attributes[kind === 'resource' ? 'mcp.resource.uri' : 'gen_ai.prompt.name'] = tool;
  return attributes;
}

/** Of a call that failed: `tool_error` for a tool that says so, else our own code. */
export function errorType({ status, error }: Pick<TraceEntry, 'status' | 'error'>): string | undefined {
  if (status === 'ok') return undefined;
  return status === 'tool_error' ? 'tool_error' : (error?.code ?? '_OTHER');
}

/** How the call ended and what it took, beyond what the span itself says. */
export function endedAttributes(entry: TraceEntry): Attributes {
  return withoutAbsent({
    'error.type': errorType(entry),
    'mcp_conductor.principal': entry.principal && `${entry.principal.kind}:${entry.principal.id}`,
    'mcp_conductor.run': entry.run,
    'mcp_conductor.step': entry.step,
    'mcp_conductor.attempts': entry.attempts,
    'mcp_conductor.replay': entry.replay,
    'mcp_conductor.approval': entry.approval,
    'mcp_conductor.timeout': entry.limitMs,
    'mcp_conductor.result.size': entry.resultSize,
  });
}

/** How the server is reached: a pipe to a process, or HTTP over TCP. */
export function connectionAttributes(launch: 'stdio' | 'http', protocolVersion: string | undefined): Attributes {
  return withoutAbsent({
    'network.transport': launch === 'stdio' ? 'pipe' : 'tcp',
    'network.protocol.name': launch === 'http' ? 'http' : undefined,
    'mcp.protocol.version': protocolVersion,
  });
}

export const METRICS = {
  duration: {
    name: 'mcp.client.operation.duration',
    unit: 's',
    description: 'Duration of the MCP request as observed by the sender, from sending it until its response.',
  },
  active: {
    name: 'mcp_conductor.calls.active',
    unit: '{call}',
    description: 'Calls that are under way.',
  },
  failed: {
    name: 'mcp_conductor.calls.failed',
    unit: '{call}',
    description: 'Ended calls that failed, by error.type.',
  },
  limit: {
    name: 'mcp_conductor.timeout.limit',
    unit: 's',
    description: 'What the next attempt would be given before it times out.',
  },
} as const;

/** Of the call, where a tracer wants them before it has ended. */
export function callAttributes(call: Call, target: string): Attributes {
  return askedAttributes({ kind: call.request.kind, server: call.server, tool: target });
}

function withoutAbsent(attributes: Attributes): Attributes {
  for (const name of Object.keys(attributes)) if (attributes[name] === undefined) delete attributes[name];
  return attributes;
}
