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

/** Which server and which definition of a tool a call would reach now; undefined while that is not known. */
export function identifyCall(
  servers: Pick<ServerDirectory, 'get'>,
  call: Pick<Call, 'server' | 'request'>,
): Pick<Binding, 'serverIdentity' | 'definitionHash'> | undefined {
  const snapshot = servers.get(call.server);
  if (snapshot?.state.status !== 'ready' || snapshot.catalog === undefined) return undefined;
  const serverIdentity = serverIdentityOf(snapshot.definition);
  if (call.request.kind !== 'tool') return { serverIdentity, definitionHash: NO_DEFINITION };
  const tool = namedTools(snapshot.catalog).get(call.request.tool);
  return tool === undefined ? undefined : { serverIdentity, definitionHash: tool.definitionHash };
}

/** SHA-256 (hex) of how a server is started or where it is, and of who defined it. */
function serverIdentityOf(definition: ServerDefinition): string {
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
  let identity = identifyCall(servers, call);
  if (identity === undefined) {
    await servers.start(call.server, call.signal);
    identity = identifyCall(servers, call) ?? nothingToBind(call);
  }
  return {
    server: call.server,
    tool: ruleTargetOf(call.request),
    ...identity,
    argumentsDigest: argumentsDigestOf(call),
    principal,
    run: call.run,
    workspace,
  };
}

/** @throws ConductorError TOOL_NOT_FOUND */
function nothingToBind({ server, request }: Call): never {
  const target = ruleTargetOf(request);
  throw new ConductorError(
    'TOOL_NOT_FOUND',
    `server "${server}" has no tool "${target}", so there is nothing to approve`,
    {
      details: { server, tool: target },
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
