/** Registering a tool: typed input and output, progress, cancellation, and errors as results a person can read. */
import type { CallToolResult, McpServer, ServerContext } from '@modelcontextprotocol/server';
import type { z } from 'zod';
import { isConductorError, messageOf } from '../../base/errors.ts';
import { progressReporter, type ReportProgress } from './progress.ts';

export interface ToolCallContext {
  /** Aborted when the client cancels or goes away. */
  readonly signal: AbortSignal;
  readonly progress: ReportProgress;
}

export interface ToolSpec<Input extends z.ZodObject, Output extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Input;
  readonly output: Output;
  /** True when the tool may reach a network. @default false */
  readonly openWorld?: boolean | undefined;
  /** May throw; a `ConductorError` is told as it is, anything else as a fault of this server. */
  readonly run: (input: z.output<Input>, context: ToolCallContext) => Promise<DeepReadonlyOf<z.output<Output>>>;
  /** One or a few lines for clients that show text only. */
  readonly summarize: (output: DeepReadonlyOf<z.output<Output>>) => string;
}

type DeepReadonlyOf<T> = T extends object ? { readonly [K in keyof T]: DeepReadonlyOf<T[K]> } : T;

export function registerTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  server: McpServer,
  spec: ToolSpec<Input, Output>,
): void {
  const config = {
    title: spec.title,
    description: spec.description,
    inputSchema: spec.input as z.ZodObject,
    outputSchema: spec.output as z.ZodObject,
    annotations: {
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: spec.openWorld ?? false,
    },
  };
  server.registerTool(spec.name, config, async (input: unknown, context: ServerContext): Promise<CallToolResult> => {
    try {
      const output = await spec.run(input as z.output<Input>, {
        signal: context.mcpReq.signal,
        progress: progressReporter(context),
      });
      return {
        content: [{ type: 'text', text: spec.summarize(output) }],
        structuredContent: output as Record<string, unknown>,
      };
    } catch (error) {
      return failure(spec.name, error);
    }
  });
}

function failure(tool: string, error: unknown): CallToolResult {
  if (!isConductorError(error))
    process.stderr.write(`${tool}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  const text = isConductorError(error) ? error.message : `${tool} failed inside the server: ${messageOf(error)}`;
  return { content: [{ type: 'text', text }], isError: true };
}
