/** Asks a person before a call that permissions leave to them, and remembers what they granted (guide: Approval Gates). */
import { childController } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { ConductorError } from '../base/errors.ts';
import type {
  ApprovalDecision,
  ApprovalRequest,
  Approver,
  Call,
  Decision,
  Invoke,
  Middleware,
  PolicyOf,
  ServerDirectory,
} from '../contracts/index.ts';
import { bindCall, type Binding, NO_DEFINITION } from './approval/binding.ts';
import type { Grants } from './approval/grants.ts';
import { approvalRequest, type DryRun, grantOf } from './approval/request.ts';

export interface ApprovalOptions {
  readonly clock: Clock;
  readonly approver: Approver;
  readonly grants: Grants;
  /** Risk and affected systems come from here; what a server says of itself decides nothing. */
  readonly policy: PolicyOf;
  readonly servers: Pick<ServerDirectory, 'get' | 'start'>;
  /** What "this workspace" means for a grant, such as the real path of its folder. */
  readonly workspace: string;
  /** How long an answer is waited for, milliseconds; none in time means no. @default 3600000 */
  readonly timeoutMs?: number | undefined;
  /** What was decided about the call. @default what permissions wrote on its record */
  readonly decisionOf?: ((call: Call) => Decision | undefined) | undefined;
  /** Finds out what a call would change; undefined for one that cannot be tried. @default no call can */
  readonly dryRun?: DryRun | undefined;
}

const HOUR_MS = 3_600_000;

/**
 * A yes is bound to the server's identity, the tool's definition and the arguments, and used once unless the person
 * widens it to the run, the workspace or for good.
 *
 * @throws RangeError for a time-out that is not over 0.
 * @example
 * composeStack(directory.invoke, {
 *   permissions: permissions({ policy }),
 *   approval: approval({ clock, approver: queue, grants, policy: policyOf, servers: directory, workspace: '/repo' }),
 * });
 */
export function approval(options: ApprovalOptions): Middleware {
  const { timeoutMs = HOUR_MS, decisionOf = (call: Call) => call.record?.decision } = options;
  if (!(timeoutMs > 0)) throw new RangeError(`approval.timeoutMs must be over 0, not ${String(timeoutMs)}`);
  return (next: Invoke): Invoke =>
    function approvalCall(call) {
      const decision = decisionOf(call);
      return decision?.effect === 'ask' ? asked({ ...options, timeoutMs }, next, call, decision) : next(call);
    };
}

type Ready = ApprovalOptions & { readonly timeoutMs: number };

async function asked(options: Ready, next: Invoke, call: Call, decision: Decision): ReturnType<Invoke> {
  const { principal } = call;
  if (principal === undefined) {
    throw new ConductorError('PERMISSION_DENIED', `${call.server}: nobody is named on whose behalf it is asked`);
  }
  const binding = await bindCall(options.servers, call, principal, options.workspace);
  const refreshing = options.grants.refreshWhenOld();
  if (refreshing !== undefined) await refreshing;
  const granted = options.grants.standing(binding) ?? (await options.grants.takeOnce(binding));
  const id = granted?.id ?? (await ask(options, call, binding, decision));
  if (call.record !== undefined) call.record.approval = id;
  const { definitionHash } = binding;
  return next(definitionHash === NO_DEFINITION ? call : { ...call, definitionHash });
}

/** @returns the id of the approval. @throws ConductorError APPROVAL_DENIED, APPROVAL_EXPIRED, TOOL_CHANGED */
async function ask(options: Ready, call: Call, binding: Binding, decision: Decision): Promise<string> {
  const { clock, grants, servers } = options;
  const voided = await grants.voidChanged(binding);
  const deadline = Math.min(clock.now() + options.timeoutMs, call.deadline ?? Number.POSITIVE_INFINITY);
  const snapshot = servers.get(call.server);
  const question = { call, binding, decision, snapshot, voided, deadline };
  const request = await approvalRequest(question, options.policy, options.dryRun);
  const id = await options.approver.submit(request);
  note(options, call, 'approval requested', id);
  const answer = await answerTo(options, call, binding, id, deadline);
  if ('grant' in answer) return answer.grant;
  if (answer.decision?.approved !== true) throw refusal(options, request, id, answer.decision);
  const now = await bindCall(servers, call, binding.principal, options.workspace);
  if (now.serverIdentity !== binding.serverIdentity || now.definitionHash !== binding.definitionHash) {
    throw new ConductorError(
      'TOOL_CHANGED',
      `${request.operation} is not what was approved: it changed while it waited`,
      {
        details: { approval: id, server: call.server, tool: request.tool },
      },
    );
  }
  note(options, call, 'approved', id);
  const { scope } = answer.decision;
  const widened = scope === 'run' ? call.run !== undefined : scope !== 'once';
  if (widened) await grants.add(grantOf(id, binding, answer.decision, snapshot));
  return id;
}

type Answer = { readonly decision: ApprovalDecision | undefined } | { readonly grant: string };

/** Whatever comes first: the answer to this question, or to another one that covers this call too. */
async function answerTo(options: Ready, call: Call, binding: Binding, id: string, deadline: number): Promise<Answer> {
  const { clock, grants, approver } = options;
  const child = childController(call.signal);
  let grant: string | undefined;
  const look = (): void => {
    grant ??= grants.standing(binding)?.id;
    if (grant !== undefined) child.controller.abort();
  };
  const watching = grants.onChange(look);
  try {
    look();
    const timeoutMs = Math.max(0, deadline - clock.now());
    return { decision: await approver.waitForDecision(id, timeoutMs, child.controller.signal) };
  } catch (error) {
    if (grant !== undefined && !call.signal.aborted) return { grant };
    throw error;
  } finally {
    watching.dispose();
    child.dispose();
  }
}

/** An undecided question that still has so long to go is parked rather than expired, milliseconds. */
const PARKED_MS = 1_000;

function refusal(
  options: Ready,
  request: ApprovalRequest,
  id: string,
  decision: ApprovalDecision | undefined,
): ConductorError {
  const { operation, server, tool, deadline } = request;
  const details = { approval: id, server, tool };
  if (decision !== undefined) {
    return new ConductorError('APPROVAL_DENIED', `${operation}: ${decision.by} said no`, { details });
  }
  if (deadline - options.clock.now() > PARKED_MS) {
    const message = `${operation} is parked until somebody decides about approval ${id}`;
    return new ConductorError('APPROVAL_EXPIRED', message, { details: { ...details, parked: true } });
  }
  return new ConductorError('APPROVAL_EXPIRED', `${operation}: nobody answered in time, which means no`, { details });
}

function note(options: Ready, call: Call, name: string, id: string): void {
  call.record?.events.push({ name, at: options.clock.now(), data: { approval: id } });
}
