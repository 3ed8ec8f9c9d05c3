/** What a server offers, asked for once per change and made into a catalog that hides nothing. */
import { createHash } from 'node:crypto';
import type { Client, Prompt, RequestOptions, Resource, Tool } from '@modelcontextprotocol/client';
import { messageOf } from '../base/errors.ts';
import { canonicalJson, type JsonObject } from '../base/json.ts';
import type { PromptInfo, ResourceInfo, ServerCatalog, ToolInfo } from '../contracts/server.ts';
import { cut } from './redact.ts';

export const EMPTY_CATALOG: ServerCatalog = { tools: [], resources: [], prompts: [], warnings: [] };

export interface Listing {
  readonly catalog: ServerCatalog;
  /** False when the tools could not be listed, so that an unknown name proves nothing. */
  readonly toolsKnown: boolean;
}

/** Lists only what the server says that it has. A list that fails is a warning, and what was known before stays. */
export async function listEverything(client: Client, options: RequestOptions, before: ServerCatalog): Promise<Listing> {
  const announced = client.getServerCapabilities() ?? {};
  const request = { ...options, cacheMode: 'refresh' as const };
  const warnings: string[] = [];
  const list = async <T>(
    what: string,
    has: boolean,
    ask: () => Promise<readonly T[]>,
  ): Promise<readonly T[] | undefined> => {
    if (!has) return [];
    try {
      return await ask();
    } catch (error) {
      if (options.signal?.aborted === true) throw error;
      warnings.push(`its ${what} could not be listed: ${cut(messageOf(error), 300)}`);
      return undefined;
    }
  };
  const [tools, resources, prompts] = await Promise.all([
    list('tools', announced.tools !== undefined, async () => (await client.listTools(undefined, request)).tools),
    list(
      'resources',
      announced.resources !== undefined,
      async () => (await client.listResources(undefined, request)).resources,
    ),
    list(
      'prompts',
      announced.prompts !== undefined,
      async () => (await client.listPrompts(undefined, request)).prompts,
    ),
  ]);
  const toolInfos =
    tools && unique('tool', tools, (tool) => tool.name, warnings).flatMap((tool) => toolInfo(tool, warnings));
  const resourceInfos =
    resources && unique('resource', resources, (resource) => resource.uri, warnings).map(resourceInfo);
  const promptInfos = prompts && unique('prompt', prompts, (prompt) => prompt.name, warnings).map(promptInfo);
  const catalog: ServerCatalog = {
    tools: toolInfos ?? before.tools,
    resources: resourceInfos ?? before.resources,
    prompts: promptInfos ?? before.prompts,
    warnings,
  };
  return { catalog, toolsKnown: tools !== undefined };
}

/** The first of a name wins, and the loser is named: a server that lists a tool twice may be hiding one behind the other. */
function unique<T>(what: string, items: readonly T[], key: (item: T) => string, warnings: string[]): readonly T[] {
  const seen = new Map<string, T>();
  for (const item of items) {
    const name = key(item);
    if (seen.has(name)) warnings.push(`it lists the ${what} "${name}" more than once; the first definition is used`);
    else seen.set(name, item);
  }
  return [...seen.values()];
}

function toolInfo(tool: Tool, warnings: string[]): ToolInfo[] {
  try {
    return [
      {
        name: tool.name,
        title: tool.title ?? tool.annotations?.title,
        description: tool.description,
        inputSchema: tool.inputSchema as JsonObject,
        outputSchema: tool.outputSchema as JsonObject | undefined,
        annotations: tool.annotations as JsonObject | undefined,
        definitionHash: createHash('sha256').update(canonicalJson(tool)).digest('hex'),
      },
    ];
  } catch (error) {
    warnings.push(`its tool "${tool.name}" is left out: ${messageOf(error)}`);
    return [];
  }
}

function resourceInfo(resource: Resource): ResourceInfo {
  const { uri, name, description, mimeType } = resource;
  return { uri, name, description, mimeType };
}

function promptInfo(prompt: Prompt): PromptInfo {
  const { name, description } = prompt;
  const parameters = (prompt.arguments ?? []).map((argument) => ({
    name: argument.name,
    description: argument.description,
    required: argument.required === true,
  }));
  return { name, description, arguments: parameters };
}
