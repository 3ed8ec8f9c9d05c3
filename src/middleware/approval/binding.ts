/** What an approval is bound to: this server, this definition of the tool, these arguments, this caller. */
import { createHash } from 'node:crypto';
import { ConductorError } from '../../base/errors.ts';
import { canonicalJson } from '../../base/json.ts';
import type {
  Call,
  Principal,
  RunId,
  ServerCatalog,
  ServerDefinition,
  ServerDirectory,
  ServerId,
  ServerSnapshot,
  ToolInfo,
} from '../../contracts/index.ts';
import { argumentsDigestOf } from '../arguments-digest.ts';
import { ruleTargetOf } from '../rules/tool-pattern.ts';

export interface Binding {
  readonly server: ServerId;
  /** The tool, or `resource:URI`, `prompt:NAME`. */
  readonly tool: string;
  readonly serverIdentity: string;
  readonly definitionHash: string;
  readonly argumentsDigest: string;
  readonly principal: Principal;
  readonly run: RunId | undefined;
  readonly workspace: string;
}

/** Resources and prompts have no definition that a hash is taken of: the server's identity stands for them. */
export const NO_DEFINITION = 'none';

const identities = new WeakMap<ServerDefinition, string>();
const toolsByName = new WeakMap<ServerCatalog, ReadonlyMap<string, ToolInfo>>();

/** SHA-256 (hex) of how a server is started or where it is, and of who defined it. */
export function serverIdentityOf(definition: ServerDefinition): string {
  const known = identities.get(definition);
  if (known !== undefined) return known;
  const { id, origin, launch } = definition;
  const identity = createHash('sha256')
    .update(canonicalJson({ id, origin: origin.kind, launch }))
    .digest('hex');
  identities.set(definition, identity);
  return identity;
}

/**
 * Starts the server when it is not running: what it offered before it stopped may not be what it offers now.
 *
 * @throws ConductorError TOOL_NOT_FOUND, SERVER_START_FAILED
 */
export async function bindCall(
  servers: Pick<ServerDirectory, 'get' | 'start'>,
  call: Call,
  principal: Principal,
  workspace: string,
): Promise<Binding> {
  const known = servers.get(call.server);
  const current = known?.state.status === 'ready' && known.catalog !== undefined;
  const snapshot = current ? known : await servers.start(call.server, call.signal);
  return {
    server: call.server,
    tool: ruleTargetOf(call.request),
    serverIdentity: serverIdentityOf(snapshot.definition),
    definitionHash: call.request.kind === 'tool' ? toolOf(snapshot, call.request.tool).definitionHash : NO_DEFINITION,
    argumentsDigest: argumentsDigestOf(call),
    principal,
    run: call.run,
    workspace,
  };
}

/** @throws ConductorError TOOL_NOT_FOUND */
function toolOf(snapshot: ServerSnapshot, name: string): ToolInfo {
  const tool = snapshot.catalog === undefined ? undefined : namedTools(snapshot.catalog).get(name);
  if (tool !== undefined) return tool;
  const server = snapshot.definition.id;
  throw new ConductorError(
    'TOOL_NOT_FOUND',
    `server "${server}" has no tool "${name}", so there is nothing to approve`,
    {
      details: { server, tool: name },
    },
  );
}

/** Worked out once per listing. */
export function namedTools(catalog: ServerCatalog): ReadonlyMap<string, ToolInfo> {
  const known = toolsByName.get(catalog);
  if (known !== undefined) return known;
  const made = new Map(catalog.tools.map((tool) => [tool.name, tool]));
  toolsByName.set(catalog, made);
  return made;
}
