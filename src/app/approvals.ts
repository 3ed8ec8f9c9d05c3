/** The one queue of questions to people: views and the command line list it and decide, headless runs park in it. */
import { abortError } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { ConductorError } from '../base/errors.ts';
import { Emitter, type Event } from '../base/events.ts';
import type { IdSource } from '../base/ids.ts';
import { canonicalJson } from '../base/json.ts';
import type {
  ApprovalDecision,
  ApprovalRecord,
  ApprovalRequest,
  ApprovalStorage,
  Approver,
  Verdict,
} from '../contracts/index.ts';

export interface ApprovalQueueOptions {
  readonly clock: Clock;
  readonly ids: IdSource;
  /** Where questions and answers are found by other processes and later ones. @default they end with this one */
  readonly storage?: ApprovalStorage | undefined;
  /** Do not wait: a question stays in the queue, and its answer is there when it is asked again. @default false */
  readonly parks?: boolean | undefined;
  /** Receives what a listener threw. */
  readonly onError: (error: unknown) => void;
}

/** Decided questions that the views still show. */
const MAX_DECIDED = 200;

/**
 * In memory, and beside it in the storage when there is one.
 *
 * @example
 * const queue = new ApprovalQueue({ clock, ids, onError });
 * queue.onChange(() => show(queue.pending()));
 * await queue.decide(id, { approved: true, scope: 'run', by: 'ada' });
 */
export class ApprovalQueue implements Approver {
  readonly #options: ApprovalQueueOptions;
  readonly #records = new Map<string, ApprovalRecord>();
  readonly #waiting = new Map<string, (decision: ApprovalDecision) => void>();
  /** Questions that a call of this process has asked and not got an answer to: no other call may have theirs. */
  readonly #claimed = new Set<string>();
  readonly #decided: ApprovalRecord[] = [];
  readonly #changes: Emitter<void>;

  constructor(options: ApprovalQueueOptions) {
    this.#options = options;
    this.#changes = new Emitter(options.onError);
  }

  /** Fires after a question came, was decided, or was withdrawn. */
  get onChange(): Event<void> {
    return this.#changes.event;
  }

  /** What waits for an answer, oldest first. */
  pending(): readonly ApprovalRecord[] {
    const now = this.#options.clock.now();
    return [...this.#records.values()]
      .filter(({ decision, request }) => decision === undefined && request.deadline > now)
      .sort((a, b) => a.submittedAt - b.submittedAt);
  }

  /** The latest answers, newest first. */
  decided(): readonly ApprovalRecord[] {
    return [...this.#decided].reverse();
  }

  /** Takes over what other processes asked, decided and used; waiting calls get their answers. */
  async refresh(): Promise<void> {
    const stored = (await this.#options.storage?.load()) ?? [];
    const ids = new Set(stored.map(({ id }) => id));
    for (const id of this.#records.keys()) if (!ids.has(id) && !this.#claimed.has(id)) this.#records.delete(id);
    for (const record of stored) {
      if (this.#records.get(record.id)?.decision !== undefined) continue;
      this.#records.set(record.id, record);
      if (record.decision === undefined) continue;
      this.#remember(record);
      this.#waiting.get(record.id)?.(record.decision);
    }
    this.#changes.fire();
  }

  /** The same question asked again, as by a resumed run, is the same entry with the answer it may already have. */
  async submit(request: ApprovalRequest): Promise<string> {
    const known = this.#unclaimed(request);
    if (known !== undefined) {
      this.#claimed.add(known.id);
      return known.id;
    }
    const { clock, ids, storage } = this.#options;
    const record: ApprovalRecord = { id: ids.next(), request, submittedAt: clock.now() };
    this.#records.set(record.id, record);
    this.#claimed.add(record.id);
    await storage?.save(record);
    this.#changes.fire();
    return record.id;
  }

  async waitForDecision(id: string, timeoutMs: number, signal: AbortSignal): Promise<ApprovalDecision | undefined> {
    const record = this.#records.get(id);
    if (record === undefined) throw unknownApproval(id);
    try {
      if (record.decision === undefined && this.#options.parks === true) return undefined;
      const decision = record.decision ?? (await this.#wait(id, timeoutMs, signal));
      this.#records.delete(id);
      // An answer is used once, whichever process comes first.
      const first = (await this.#options.storage?.remove(id)) ?? true;
      if (!first && decision !== undefined) throw usedElsewhere(id);
      return decision;
    } finally {
      this.#claimed.delete(id);
      this.#changes.fire();
    }
  }

  /** @throws ConductorError VALIDATION_FAILED for a question that is not there, decided, or too old. */
  async decide(id: string, verdict: Verdict): Promise<ApprovalRecord> {
    const { clock, storage } = this.#options;
    const record = this.#records.get(id);
    if (record === undefined) throw unknownApproval(id);
    if (record.decision !== undefined) {
      throw new ConductorError('VALIDATION_FAILED', `approval ${id} was already decided by ${record.decision.by}`);
    }
    const at = clock.now();
    if (record.request.deadline <= at) {
      throw new ConductorError('VALIDATION_FAILED', `approval ${id} expired: ask again by starting the call anew`);
    }
    const { approved, scope = 'once', reach = 'tool', by } = verdict;
    const decision: ApprovalDecision = { approved, scope, reach, by, at };
    const decided = { ...record, decision };
    this.#records.set(id, decided);
    this.#remember(decided);
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) await storage?.save(decided);
    else waiting(decision);
    this.#changes.fire();
    return decided;
  }

  dispose(): void {
    this.#changes.dispose();
  }

  /** Undefined when nobody answers in time; rejects when the call is withdrawn. */
  #wait(id: string, timeoutMs: number, signal: AbortSignal): Promise<ApprovalDecision | undefined> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        this.#waiting.delete(id);
        timer.dispose();
        signal.removeEventListener('abort', onAbort);
        act();
      };
      const onAbort = (): void =>
        settle(() => {
          this.#withdraw(id);
          reject(abortError(signal));
        });
      const timer = this.#options.clock.schedule(timeoutMs, () => settle(() => resolve(undefined)));
      if (signal.aborted) {
        onAbort();
        return;
      }
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.set(id, (decision) => settle(() => resolve(decision)));
    });
  }

  #withdraw(id: string): void {
    this.#records.delete(id);
    this.#options.storage?.remove(id).catch(this.#options.onError);
  }

  #unclaimed(request: ApprovalRequest): ApprovalRecord | undefined {
    const key = keyOf(request);
    const now = this.#options.clock.now();
    for (const record of this.#records.values()) {
      const live = record.decision !== undefined || record.request.deadline > now;
      if (live && !this.#claimed.has(record.id) && keyOf(record.request) === key) return record;
    }
    return undefined;
  }

  #remember(record: ApprovalRecord): void {
    this.#decided.push(record);
    if (this.#decided.length > MAX_DECIDED) this.#decided.shift();
  }
}

/** What a decision is bound to: the same of all of it is the same question. */
function keyOf(request: ApprovalRequest): string {
  const { operation, serverIdentity, definitionHash, argumentsDigest, requestor, run = null, step = null } = request;
  return canonicalJson([operation, serverIdentity, definitionHash, argumentsDigest, requestor, run, step]);
}

function unknownApproval(id: string): ConductorError {
  return new ConductorError('VALIDATION_FAILED', `there is no approval ${id}; it was withdrawn, used, or never asked`);
}

function usedElsewhere(id: string): ConductorError {
  return new ConductorError('APPROVAL_EXPIRED', `approval ${id} was used by another process: ask again`);
}
