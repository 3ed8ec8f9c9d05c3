/** The one queue of questions to people: views and the command line list it and decide, headless runs park in it. */
import { abortError } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';
import { ConductorError } from '../base/errors.ts';
import { Emitter, type Event } from '../base/events.ts';
import type { IdSource } from '../base/ids.ts';
import { canonicalJson } from '../base/json.ts';
import type {
  ApprovalDecision,
  ApprovalRecord,
  ApprovalRequest,
  Approvals,
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
  /** Receives what a listener threw, and what became of the storage while nobody waited for it. */
  readonly onError: (error: unknown) => void;
}

/** Decided questions that the views still show. */
const MAX_DECIDED = 200;
/** Between two looks at what other processes decided while a call waits, milliseconds. */
const LOOK_MS = 1_000;
/** How long the answer to a parked question waits for it to be asked again, milliseconds. */
const ANSWER_MS = 3_600_000;

/**
 * In memory, and beside it in the storage when there is one.
 *
 * @example
 * const queue = new ApprovalQueue({ clock, ids, onError });
 * queue.onChange(() => show(queue.pending()));
 * await queue.decide(id, { approved: true, scope: 'run', by: 'ada' });
 */
export class ApprovalQueue implements Approver, Approvals {
  readonly #options: ApprovalQueueOptions;
  readonly #records = new Map<string, ApprovalRecord>();
  readonly #waiting = new Map<string, (decision: ApprovalDecision) => void>();
  /** Questions that a call of this process has asked and not got an answer to: no other call may have theirs. */
  readonly #claimed = new Set<string>();
  /** Used or withdrawn here; a look at the storage that began before may still bring them. */
  readonly #gone = new Set<string>();
  readonly #decided: ApprovalRecord[] = [];
  readonly #changes: Emitter<void>;
  readonly #answers: Emitter<ApprovalRecord>;
  #timer: Disposable | undefined;

  constructor(options: ApprovalQueueOptions) {
    this.#options = options;
    this.#changes = new Emitter(options.onError);
    this.#answers = new Emitter(options.onError);
  }

  /** Fires after a question came, was decided, or was withdrawn. */
  get onChange(): Event<void> {
    return this.#changes.event;
  }

  /** Fires when somebody decides by way of this process. */
  get onDecided(): Event<ApprovalRecord> {
    return this.#answers.event;
  }

  /** What waits for an answer, oldest first. */
  pending(): readonly ApprovalRecord[] {
    const now = this.#options.clock.now();
    return [...this.#records.values()]
      .filter(({ decision, request }) => decision === undefined && request.deadline > now)
      .sort((a, b) => a.submittedAt - b.submittedAt);
  }

  waiting(): readonly ApprovalRecord[] {
    return this.pending().filter(({ id, parked }) => parked !== true && this.#claimed.has(id));
  }

  /** The latest answers, newest first. */
  decided(): readonly ApprovalRecord[] {
    return [...this.#decided].reverse();
  }

  /** Waiting calls get their answers. */
  async refresh(): Promise<void> {
    const { storage, clock } = this.#options;
    const stored = (await storage?.load()) ?? [];
    const ids = new Set(stored.map(({ id }) => id));
    for (const id of this.#gone) if (!ids.has(id)) this.#gone.delete(id);
    for (const id of this.#records.keys()) if (!ids.has(id) && !this.#claimed.has(id)) this.#records.delete(id);
    for (const record of stored) {
      if (this.#gone.has(record.id)) continue;
      if (isOver(record, clock.now()) && !this.#claimed.has(record.id)) await this.#discard(record.id);
      else this.#takeOver(record);
    }
    this.#changes.fire();
  }

  /** The same question asked again after it was parked is the same entry with the answer it may already have. */
  async submit(request: ApprovalRequest): Promise<string> {
    const { clock, ids, storage, parks } = this.#options;
    if (storage !== undefined) await this.refresh();
    const known = this.#parked(request);
    if (known !== undefined) {
      this.#claimed.add(known.id);
      return known.id;
    }
    const record: ApprovalRecord = {
      id: ids.next(),
      request,
      submittedAt: clock.now(),
      ...(parks === true ? { parked: true } : {}),
    };
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
      // An answer is used once, whichever process comes first.
      const isFirst = await this.#discard(id);
      if (!isFirst && decision !== undefined) throw usedElsewhere(id);
      return decision;
    } finally {
      this.#claimed.delete(id);
      this.#changes.fire();
    }
  }

  /** @throws ConductorError VALIDATION_FAILED for a question that is not there, decided, or too old. */
  async decide(id: string, verdict: Verdict): Promise<ApprovalRecord> {
    const { clock, storage } = this.#options;
    if (!this.#records.has(id)) await this.refresh();
    const record = this.#records.get(id);
    if (record === undefined) throw unknownApproval(id);
    if (record.decision !== undefined) throw decidedBefore(id, record.decision.by);
    const at = clock.now();
    if (record.request.deadline <= at) {
      throw new ConductorError('VALIDATION_FAILED', `approval ${id} expired: ask again by starting the call anew`);
    }
    const { approved, scope = 'once', reach = 'tool', by } = verdict;
    const decision: ApprovalDecision = { approved, scope, reach, by, at };
    // In memory first, so that no second answer gets in while the storage is asked.
    const decided = { ...record, decision };
    this.#records.set(id, decided);
    if (storage !== undefined && !(await storage.decide(id, decision))) {
      this.#records.set(id, record);
      await this.refresh();
      const other = this.#records.get(id)?.decision;
      throw other === undefined ? unknownApproval(id) : decidedBefore(id, other.by);
    }
    this.#remember(decided);
    this.#waiting.get(id)?.(decision);
    this.#answers.fire(decided);
    this.#changes.fire();
    return decided;
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#changes.dispose();
    this.#answers.dispose();
  }

  #takeOver(record: ApprovalRecord): void {
    if (this.#records.get(record.id)?.decision !== undefined) return;
    this.#records.set(record.id, record);
    if (record.decision === undefined) return;
    this.#remember(record);
    this.#waiting.get(record.id)?.(record.decision);
  }

  /** @returns false when another process was first */
  async #discard(id: string): Promise<boolean> {
    const { storage } = this.#options;
    this.#records.delete(id);
    if (storage === undefined) return true;
    this.#gone.add(id);
    return storage.remove(id);
  }

  /** Undefined when nobody answers in time; rejects when the call is withdrawn. */
  #wait(id: string, timeoutMs: number, signal: AbortSignal): Promise<ApprovalDecision | undefined> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        this.#waiting.delete(id);
        this.#lookAgain();
        timer.dispose();
        signal.removeEventListener('abort', onAbort);
        act();
      };
      const onAbort = (): void =>
        settle(() => {
          this.#discard(id).catch(this.#options.onError);
          reject(abortError(signal));
        });
      const timer = this.#options.clock.schedule(timeoutMs, () => settle(() => resolve(undefined)));
      if (signal.aborted) {
        onAbort();
        return;
      }
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.set(id, (decision) => settle(() => resolve(decision)));
      this.#lookAgain();
    });
  }

  /** While a call waits, somebody may decide in another process. */
  #lookAgain(): void {
    const { storage, clock, onError } = this.#options;
    if (storage === undefined || this.#waiting.size === 0) {
      this.#timer?.dispose();
      this.#timer = undefined;
      return;
    }
    this.#timer ??= clock.schedule(LOOK_MS, () => {
      this.#timer = undefined;
      this.refresh()
        .catch(onError)
        .finally(() => this.#lookAgain());
    });
  }

  /** A run that is started anew asks what its forerunner parked: only its number is another. */
  #parked(request: ApprovalRequest): ApprovalRecord | undefined {
    const { clock, parks } = this.#options;
    const now = clock.now();
    const same = [...this.#records.values()].filter(
      (record) =>
        record.parked === true &&
        !this.#claimed.has(record.id) &&
        !isOver(record, now) &&
        (record.decision !== undefined || parks === true) &&
        keyOf(record.request) === keyOf(request),
    );
    return same.find(({ decision }) => decision !== undefined) ?? same[0];
  }

  #remember(record: ApprovalRecord): void {
    this.#decided.push(record);
    if (this.#decided.length > MAX_DECIDED) this.#decided.shift();
  }
}

/** What a decision is bound to: the same of all of it is the same question. */
function keyOf(request: ApprovalRequest): string {
  const { operation, serverIdentity, definitionHash, argumentsDigest, requestor, step = null } = request;
  const isOfRun = request.run !== undefined;
  return canonicalJson([operation, serverIdentity, definitionHash, argumentsDigest, requestor, isOfRun, step]);
}

/** A question that nobody may answer any more, or an answer that nobody came for. */
function isOver({ request, decision }: ApprovalRecord, now: number): boolean {
  return now >= Math.max(request.deadline, decision === undefined ? 0 : decision.at + ANSWER_MS);
}

function unknownApproval(id: string): ConductorError {
  return new ConductorError('VALIDATION_FAILED', `there is no approval ${id}; it was withdrawn, used, or never asked`);
}

function decidedBefore(id: string, by: string): ConductorError {
  return new ConductorError('VALIDATION_FAILED', `approval ${id} was already decided by ${by}`);
}

function usedElsewhere(id: string): ConductorError {
  return new ConductorError('APPROVAL_EXPIRED', `approval ${id} was used by another process: ask again`);
}
