/** OpenTelemetry names for MCP and GenAI spans, all in this file because the conventions are still in development. */
import type { Attributes } from '@opentelemetry/api';
import type { Call } from '../contracts/index.ts';
import { targetOf } from './target.ts';

const METHODS = {
  tool: 'tools/call',
  resource: 'resources/read',
  prompt: 'prompts/get',
  complete: 'completion/complete',
} as const;

export function spanName(call: Call): string {
  return `${METHODS[call.request.kind]} ${targetOf(call.request)}`;
}

export function spanAttributes(call: Call): Attributes {
  return {
    'mcp.method.name': METHODS[call.request.kind],
    'mcp.server.id': call.server,
    ...(call.request.kind === 'tool'
      ? { 'gen_ai.tool.name': call.request.tool, 'gen_ai.operation.name': 'execute_tool' }
      : {}),
  };
}
