/** Writes down every attempt before it is made and how it ended, denials too (guide: Audit Logging). */
import { raceAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { ConductorError, type ErrorCode, messageOf, toConductorError } from '../base/errors.ts';
import type { IdSource } from '../base/ids.ts';
import type {
  AuditLog,
  AuditRecord,
  Call,
  CallRecord,
  Invoke,
  Middleware,
  PolicyOf,
  Reply,
} from '../contracts/index.ts';
import { argumentsDigestOf } from './arguments-digest.ts';
import { replyText } from './reply-text.ts';
import { targetOf } from './target.ts';

export interface AuditOptions {
  readonly log: AuditLog;
  readonly clock: Clock;
  /** Asked once for the layer; calls are counted from there. */
  readonly ids: IdSource;
  /** Which tools may not run unless their intent is on disk. */
  readonly policyOf: PolicyOf;
  /** Takes secrets out of an error's message before it is written. */
  readonly redact: (text: string) => string;
}

const MAX_ERROR = 500;
const DENIALS: ReadonlySet<ErrorCode> = new Set([
  'PERMISSION_DENIED',
  'SCOPE_DENIED',
  'APPROVAL_DENIED',
  'APPROVAL_EXPIRED',
]);

/**
 * One pair of records per call, whatever happens in between: an intent, and an outcome that holds the decision and
 * the number of attempts. Arguments and results appear as keyed hashes only. A tool whose policy says
 * `audit: required` waits until its intent is on disk; once the log has failed no call starts any more.
 *
 * @example
 * composeStack(directory.invoke, { audit: audit({ log, clock, ids, policyOf, redact }) });
 */
export function audit(options: AuditOptions): Middleware {
  const { log, clock } = options;
  const series = options.ids.next();
  let calls = 0;
  return (next: Invoke): Invoke =>
    async function auditCall(call) {
      if (log.failure !== undefined) throw logFailed(log.failure);
      const record: CallRecord = call.record ?? { attempts: 0, events: [] };
      calls += 1;
      const intent = intentOf(call, `${series}.${calls}`, options);
      const isRequired = mustBeOnDisk(call, options.policyOf);
      const written = log.append(intent, isRequired);
      const finish = (end: Ending): void => {
        // Nobody waits for an outcome: a log that cannot take it says so in `failure`, before the next call.
        void log.append(outcomeRecord(intent, clock.now(), record, end));
      };
      try {
        if (isRequired) await onDisk(written, call);
        const reply = await next(call.record === undefined ? { ...call, record } : call);
        finish(endingOfReply(reply, record, log));
        return reply;
      } catch (error) {
        finish(endingOfError(error, options.redact));
        throw error;
      }
    };
}

type Ending = Pick<AuditRecord, 'outcome' | 'resultHash' | 'error'>;

function intentOf(call: Call, callId: string, { log, clock, redact }: AuditOptions): AuditRecord {
  return {
    at: clock.now(),
    kind: 'intent',
    principal: call.principal ?? null,
    server: call.server,
    target: redact(targetOf(call.request)),
    run: call.run,
    step: call.step,
    argumentsHash: log.keyedHash(argumentsDigestOf(call)),
    callId,
  };
}

function outcomeRecord(intent: AuditRecord, at: number, learnt: CallRecord, end: Ending): AuditRecord {
  return {
    at,
    kind: 'outcome',
    principal: intent.principal,
    server: intent.server,
    target: intent.target,
    run: intent.run,
    step: intent.step,
    argumentsHash: intent.argumentsHash,
    callId: intent.callId,
    decision: learnt.decision,
    approval: learnt.approval,
    attempts: learnt.attempts,
    outcome: end.outcome,
    resultHash: end.resultHash,
    error: end.error,
  };
}

function mustBeOnDisk({ request, server }: Call, policyOf: PolicyOf): boolean {
  return request.kind === 'tool' && policyOf(server, request.tool).audit === 'required';
}

async function onDisk(written: Promise<void>, call: Call): Promise<void> {
  try {
    await raceAbort(written, call.signal);
  } catch (error) {
    throw call.signal.aborted ? error : logFailed(error);
  }
}

/** The text is hashed as the reply spells it: canonical form would cost more than the rest of the stack. */
function endingOfReply(reply: Reply, record: CallRecord, log: AuditLog): Ending {
  const outcome = reply.kind === 'tool' && reply.isError ? 'tool_error' : 'ok';
  return { outcome, resultHash: log.keyedHash(replyText(reply, record)), error: undefined };
}

function endingOfError(error: unknown, redact: (text: string) => string): Ending {
  const { code, message } = toConductorError(error);
  const text = redact(`${code}: ${message}`);
  return {
    outcome: outcomeOf(code),
    resultHash: undefined,
    error: text.length > MAX_ERROR ? `${text.slice(0, MAX_ERROR)}…` : text,
  };
}

function outcomeOf(code: ErrorCode): 'denied' | 'cancelled' | 'error' {
  if (DENIALS.has(code)) return 'denied';
  return code === 'CANCELLED' ? 'cancelled' : 'error';
}

function logFailed(cause: unknown): ConductorError {
  return new ConductorError(
    'INTERNAL',
    `the audit log cannot be written, so no call may start: ${messageOf(cause)}; make room or mend its folder, then start again`,
    { cause },
  );
}
