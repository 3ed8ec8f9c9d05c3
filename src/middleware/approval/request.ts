/** The question as a person gets it, and the grant that a yes becomes. */
import { messageOf } from '../../base/errors.ts';
import type { JsonValue } from '../../base/json.ts';
import type {
  ApprovalDecision,
  ApprovalRequest,
  Call,
  Decision,
  Grant,
  GrantedDefinition,
  PolicyOf,
  ServerSnapshot,
} from '../../contracts/index.ts';
import { argumentsOf } from '../arguments-digest.ts';
import { sanitize } from '../sanitize.ts';
import { type Binding, namedTools, NO_DEFINITION } from './binding.ts';
import { definitionChanges, grantedDefinition } from './definition-changes.ts';

/** What a dry run found that the call would change. */
export type DryRun = (call: Call) => Promise<readonly JsonValue[]> | undefined;

export interface Question {
  readonly call: Call;
  readonly binding: Binding;
  readonly decision: Decision;
  readonly snapshot: ServerSnapshot | undefined;
  /** Grants that ended because the server or the tool is another now. */
  readonly voided: readonly Grant[];
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

export async function approvalRequest(
  question: Question,
  policyOf: PolicyOf,
  dryRun: DryRun | undefined,
): Promise<ApprovalRequest> {
  const { call, binding, decision, deadline } = question;
  const { server, tool, principal } = binding;
  const policy = policyOf(server, tool);
  const changed = voidedChanges(question);
  const preview = await previewOf(call, dryRun);
  const risk = policy.risk ?? 'medium';
  return {
    operation: `${server}.${tool}`,
    summary: `${named(principal)} wants to ${verbOf(call)} ${server}.${tool}`,
    server,
    tool,
    args: argumentsOf(call.request),
    argumentsDigest: binding.argumentsDigest,
    serverIdentity: binding.serverIdentity,
    definitionHash: binding.definitionHash,
    risk,
    reasons: [
      decision.because,
      policy.risk === undefined
        ? 'your policy names no risk for it: medium is assumed'
        : `your policy calls its risk ${risk}`,
      ...changed.reasons,
    ],
    affectedSystems: policy.affectedSystems.length > 0 ? policy.affectedSystems : [server],
    ...(question.snapshot === undefined ? {} : { destination: destinationOf(question.snapshot) }),
    preview: { text: preview.text, changes: [...changed.changes, ...preview.changes] },
    requestor: principal,
    ...(call.run === undefined ? {} : { run: call.run }),
    ...(call.step === undefined ? {} : { step: call.step }),
    deadline,
  };
}

const LONGEST_RUN_MS = 86_400_000;

/** What the person's yes is good for after this call. A `once` with nothing left to use has none. */
export function grantOf(
  id: string,
  binding: Binding,
  decision: ApprovalDecision,
  snapshot: ServerSnapshot | undefined,
): Grant {
  return {
    id,
    scope: decision.scope,
    reach: decision.reach,
    server: binding.server,
    tool: binding.tool,
    serverIdentity: binding.serverIdentity,
    definitions: definitionsOf(binding, decision.reach, snapshot),
    principal: binding.principal,
    by: decision.by,
    at: decision.at,
    ...(decision.scope === 'once' ? { argumentsDigest: binding.argumentsDigest } : {}),
    ...(decision.scope === 'run' || decision.scope === 'once' ? { run: binding.run } : {}),
    // A run that was killed cannot end what was granted for it.
    ...(decision.scope === 'run' ? { expiresAt: decision.at + LONGEST_RUN_MS } : {}),
    ...(decision.scope === 'workspace' ? { workspace: binding.workspace } : {}),
  };
}

function definitionsOf(
  binding: Binding,
  reach: ApprovalDecision['reach'],
  snapshot: ServerSnapshot | undefined,
): Readonly<Record<string, GrantedDefinition>> {
  const tools = snapshot?.catalog === undefined ? [] : [...namedTools(snapshot.catalog).values()];
  const granted = tools
    .filter(({ name }) => reach === 'server' || name === binding.tool)
    .map((tool) => [tool.name, grantedDefinition(tool)] as const);
  const own: readonly (readonly [string, GrantedDefinition])[] =
    binding.definitionHash === NO_DEFINITION ? [[binding.tool, { hash: NO_DEFINITION }]] : [];
  return Object.fromEntries([...granted, ...own]);
}

/** A flag that takes a credential as its next argument. */
const SECRET_FLAG = /(^|\s)(--?[\w-]*(?:token|secret|passw|key|credential)[\w-]*)\s+\S+/gi;

function destinationOf({ definition: { launch } }: ServerSnapshot): string {
  if (launch.type === 'stdio') {
    const line = [launch.command, ...launch.args].join(' ').replace(SECRET_FLAG, '$1$2 [REDACTED]');
    return `a program on this machine: ${String(sanitize(line, (text) => text))}`;
  }
  // A key may be anywhere behind the host, and a definition may have variables in place of any part.
  const [address = ''] = String(sanitize(launch.url, (text) => text)).split(/[?#]/);
  return address;
}

function voidedChanges({ binding, snapshot, voided }: Question): {
  readonly reasons: readonly string[];
  readonly changes: readonly JsonValue[];
} {
  const [grant] = voided;
  if (grant === undefined) return { reasons: [], changes: [] };
  const when = new Date(grant.at).toISOString();
  if (grant.serverIdentity !== binding.serverIdentity) {
    const reason = `${grant.by} approved it on ${when}, but server "${binding.server}" is started or reached in another way now`;
    return { reasons: [reason], changes: [] };
  }
  const tool = snapshot?.catalog === undefined ? undefined : namedTools(snapshot.catalog).get(binding.tool);
  const before = Object.hasOwn(grant.definitions, binding.tool) ? grant.definitions[binding.tool] : undefined;
  const changes = tool === undefined ? [] : definitionChanges(before, tool);
  const places = changes.length === 0 ? '' : `: ${changes.map(({ path }) => path).join(', ')}`;
  return { reasons: [`${grant.by} approved it on ${when}, but its definition has changed since${places}`], changes };
}

async function previewOf(call: Call, dryRun: DryRun | undefined): Promise<ApprovalRequest['preview']> {
  const run = dryRun?.(call);
  if (run === undefined) return { text: 'What it would change is not known: it has no dry run.', changes: [] };
  try {
    const changes = await run;
    const count = changes.length === 1 ? '1 change' : `${changes.length} changes`;
    return { text: `A dry run found ${count}.`, changes };
  } catch (error) {
    return { text: `What it would change is not known: its dry run failed (${messageOf(error)}).`, changes: [] };
  }
}

function named({ kind, id }: Binding['principal']): string {
  return kind === 'person' ? 'a person' : `${kind} ${id}`;
}

function verbOf({ request }: Call): string {
  if (request.kind === 'tool') return 'run';
  return request.kind === 'complete' ? 'complete an argument of' : 'read';
}
