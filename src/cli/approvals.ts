/** `mcp-conductor approvals list|decide|revoke`: what waits for a person's answer, and what people have granted. */
import { systemClock } from '../base/clock.ts';
import { approvalDetail, visibleText } from '../contracts/approval-text.ts';
import type { App, ApprovalRecord, ApprovalScope, Grant } from '../contracts/index.ts';
import { whoDecides } from './approve.ts';
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts';
import { type CommonOptions, withApp } from './session.ts';
import { oneLine } from './terminal.ts';

export const DECISIONS = ['allow', 'deny'] as const;
export const APPROVAL_SCOPES = ['once', 'run', 'workspace', 'always'] as const satisfies readonly ApprovalScope[];

export interface DecideOptions extends CommonOptions {
  readonly scope?: ApprovalScope | undefined;
  readonly wholeServer?: boolean | undefined;
}

export function approvalsListCommand(options: CommonOptions): Promise<ExitCode> {
  return withApp(process.cwd(), options, async (app) => {
    await app.approvals.refresh();
    const pending = app.approvals.pending();
    const decided = app.approvals.decided();
    const grants = await app.grants.list();
    if (options.json === true) print(JSON.stringify({ version: 1, pending, decided, grants }, null, 2));
    else print(listing(pending, decided, grants));
    return EXIT.done;
  });
}

export function approvalsDecideCommand(
  id: string,
  decision: (typeof DECISIONS)[number],
  options: DecideOptions,
): Promise<ExitCode> {
  const approved = decision === 'allow';
  const { scope = 'once', wholeServer = false } = options;
  checkReach(approved, options);
  return withApp(process.cwd(), options, async (app) => {
    await app.approvals.refresh();
    if (scope === 'run') checkIsOfRun(app, id);
    const reach = wholeServer ? 'server' : 'tool';
    const decided = await app.approvals.decide(id, { approved, scope, reach, by: whoDecides() });
    if (options.json === true) print(JSON.stringify({ version: 1, ...decided }, null, 2));
    else print(outcome(decided));
    return EXIT.done;
  });
}

export function approvalsRevokeCommand(id: string, options: CommonOptions): Promise<ExitCode> {
  return withApp(process.cwd(), options, async (app) => {
    const revoked = await app.grants.revoke(id, whoDecides());
    if (!revoked) throw new UsageError(`nothing is granted under ${oneLine(id)}; approvals list shows what is`);
    if (options.json === true) print(JSON.stringify({ version: 1, revoked: id }, null, 2));
    else print(`${id} is revoked: what it allowed is asked for again.`);
    return EXIT.done;
  });
}

/** Said with every call that was parked. */
export const PARKED_HINT = [
  'Nobody could be asked, so the call waits for a decision. In this folder:',
  '  mcp-conductor approvals list',
  '  mcp-conductor approvals decide ID allow|deny [--scope once|run|workspace|always] [--whole-server]',
  'Then run the same again.',
].join('\n');

function checkReach(approved: boolean, { scope, wholeServer }: DecideOptions): void {
  if (!approved && (scope !== undefined || wholeServer === true)) {
    throw new UsageError('--scope and --whole-server say how far an allow reaches; a deny is for the one call');
  }
  if (wholeServer === true && (scope ?? 'once') === 'once') {
    throw new UsageError('--whole-server needs --scope run, workspace or always; once is for the one call');
  }
}

function checkIsOfRun(app: App, id: string): void {
  const asked = app.approvals.pending().find((record) => record.id === id);
  if (asked !== undefined && asked.request.run === undefined) {
    throw new UsageError('no run asked for this call, so it cannot be allowed for one; use once, workspace or always');
  }
}

function listing(
  pending: readonly ApprovalRecord[],
  decided: readonly ApprovalRecord[],
  grants: readonly Grant[],
): string {
  const now = systemClock.now();
  const waiting = pending.map(({ id, request }) =>
    [`${id}  ${oneLine(visibleText(request.summary))}`, indented(approvalDetail(request, now))].join('\n'),
  );
  return [
    waiting.length === 0 ? 'Nothing waits for a decision.' : `Waiting for a decision:\n\n${waiting.join('\n\n')}`,
    ...(decided.length === 0 ? [] : [`Decided, until it is asked again:\n${decided.map(decidedLine).join('\n')}`]),
    grants.length === 0 ? 'Nothing is granted beyond one call.' : `Granted:\n${grants.map(grantLine).join('\n')}`,
  ].join('\n\n');
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}

function decidedLine({ id, request, decision }: ApprovalRecord): string {
  const verdict = decision?.approved === true ? `allowed (${decision.scope})` : 'denied';
  return oneLine(visibleText(`  ${id}  ${request.operation}: ${verdict} by ${decision?.by ?? 'nobody'}`));
}

function grantLine(grant: Grant): string {
  const { id, server, tool, reach, scope, run, principal, by, at } = grant;
  const what = reach === 'server' ? `every tool of ${server}` : `${server}.${tool}`;
  const where = { once: 'once', run: `in run ${run ?? '?'}`, workspace: 'in its workspace', always: 'always' }[scope];
  const when = new Date(at).toISOString();
  return oneLine(visibleText(`  ${id}  ${what}, ${where}, for ${principal.kind} ${principal.id}; by ${by}, ${when}`));
}

function outcome({ request, decision }: ApprovalRecord): string {
  const { operation, server } = request;
  if (decision?.approved !== true) return oneLine(visibleText(`${operation} is denied.`));
  const what = decision.reach === 'server' ? `every tool of ${server}` : operation;
  return oneLine(visibleText(`${what} is allowed (${decision.scope}). Run the same again.`));
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
