/** A few worker threads that take one task each; a stuck or crashed one costs its task and nothing else. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { abortError } from '../../base/abort.ts';
import { type Clock, systemClock } from '../../base/clock.ts';
import type { Disposable } from '../../base/disposables.ts';
import { ConductorError, messageOf } from '../../base/errors.ts';

export interface WorkerPoolOptions {
  /** The worker's entry file, see `workerEntry`. */
  readonly entry: URL;
  /** Handed to every worker as `workerData`. */
  readonly workerData?: unknown;
  /** Number of threads. @default min(2, cores) */
  readonly size?: number | undefined;
  /** Milliseconds one task may take before its worker is ended. @default 20,000 */
  readonly taskTimeoutMs?: number | undefined;
  /** Megabytes of JavaScript heap per worker. @default 512 */
  readonly maxHeapMb?: number | undefined;
  /** Milliseconds after which a worker without a task is ended, and its memory given back, if another is ready. @default 1,000 */
  readonly idleMs?: number | undefined;
  /** The same for the last one, which whoever saves a file is glad to find ready. @default 60,000 */
  readonly lastIdleMs?: number | undefined;
  /** @default the system's */
  readonly clock?: Clock | undefined;
}

export interface WorkerPool<Task, Result> {
  /** How many tasks run at once. */
  readonly size: number;
  /**
   * Runs one task.
   * @throws ConductorError CANCELLED; TIMEOUT (the worker was ended); INTERNAL (it crashed, ran out of memory or threw)
   */
  run(task: Task, signal: AbortSignal): Promise<Result>;
  dispose(): Promise<void>;
}

/**
 * Megabytes for what was just made, per worker. With the 48 that are usual the rubbish of four workers weighs more than
 * all that they work on; with less than 16 collecting it takes longer than the work.
 */
const YOUNG_HEAP_MB = 24;

/** What `worker.ts` sends back for a task. */
export type WorkerAnswer<Result> =
  | { readonly ok: true; readonly result: Result }
  /** `fatal` when the thread may not be used again. */
  | { readonly ok: false; readonly message: string; readonly fatal: boolean };

interface Job<Task, Result> {
  readonly task: Task;
  readonly signal: AbortSignal;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: ConductorError) => void;
}

/** The entry file beside `main`: `worker.ts` from source, `worker.js` in a bundle. */
export function workerEntry(mainUrl: string, name = 'worker'): URL {
  return new URL(`./${name}${mainUrl.endsWith('.ts') ? '.ts' : '.js'}`, mainUrl);
}

export function createWorkerPool<Task, Result>(options: WorkerPoolOptions): WorkerPool<Task, Result> {
  return new ThreadPool<Task, Result>(options);
}

class ThreadPool<Task, Result> implements WorkerPool<Task, Result> {
  readonly size: number;
  readonly #options: WorkerPoolOptions;
  readonly #clock: Clock;
  readonly #queue: Job<Task, Result>[] = [];
  /** Without a task, and what ends them when none comes. */
  readonly #idle: { readonly worker: Worker; readonly timer: Disposable }[] = [];
  readonly #all = new Set<Worker>();
  #running = 0;
  #disposed = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.size = Math.max(1, options.size ?? Math.min(2, availableParallelism()));
  }

  run(task: Task, signal: AbortSignal): Promise<Result> {
    if (signal.aborted) return Promise.reject(abortError(signal));
    if (this.#disposed) return Promise.reject(new ConductorError('CANCELLED', 'the workers have been stopped'));
    return new Promise((resolve, reject) => {
      const job: Job<Task, Result> = {
        task,
        signal,
        resolve: (result) => {
          signal.removeEventListener('abort', onAbort);
          resolve(result);
        },
        reject: (error) => {
          signal.removeEventListener('abort', onAbort);
          reject(error);
        },
      };
      const onAbort = (): void => {
        const index = this.#queue.indexOf(job);
        if (index >= 0) this.#queue.splice(index, 1);
        job.reject(abortError(signal));
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#queue.push(job);
      this.#next();
    });
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    for (const { timer } of this.#idle) timer.dispose();
    for (const job of this.#queue.splice(0))
      job.reject(new ConductorError('CANCELLED', 'the workers have been stopped'));
    await Promise.all([...this.#all].map((worker) => worker.terminate()));
  }

  #next(): void {
    if (this.#disposed || this.#running >= this.size) return;
    const job = this.#queue.shift();
    if (job === undefined) return;
    this.#running += 1;
    try {
      const idle = this.#idle.pop();
      idle?.timer.dispose();
      this.#assign(idle?.worker ?? this.#start(), job);
    } catch (error) {
      this.#running -= 1;
      job.reject(
        new ConductorError('INTERNAL', `a worker could not be started: ${messageOf(error)}`, { cause: error }),
      );
    }
  }

  /** Gives one job to one worker; whichever of answer, crash, time-out and abort comes first settles it. */
  #assign(worker: Worker, job: Job<Task, Result>): void {
    const limit = this.#options.taskTimeoutMs ?? 20_000;
    const settle = (keep: boolean, tell: () => void): void => {
      timer.dispose();
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      job.signal.removeEventListener('abort', onAbort);
      this.#release(worker, keep);
      tell();
    };
    const fail = (error: ConductorError): void => settle(false, () => job.reject(error));
    const onMessage = (answer: WorkerAnswer<Result>): void =>
      settle(answer.ok || !answer.fatal, () =>
        answer.ok ? job.resolve(answer.result) : job.reject(new ConductorError('INTERNAL', answer.message)),
      );
    const onError = (error: unknown): void =>
      fail(new ConductorError('INTERNAL', `the worker crashed: ${messageOf(error)}`, { cause: error }));
    const onExit = (code: number): void =>
      fail(new ConductorError('INTERNAL', `the worker ended with exit code ${code}`));
    const onAbort = (): void => fail(abortError(job.signal));
    const timer: Disposable = this.#clock.schedule(limit, () =>
      fail(new ConductorError('TIMEOUT', `not finished within ${Math.round(limit / 1_000)} s`)),
    );
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    job.signal.addEventListener('abort', onAbort, { once: true });
    worker.ref();
    worker.postMessage(job.task);
  }

  #release(worker: Worker, keep: boolean): void {
    worker.unref();
    if (keep && !this.#disposed) this.#rest(worker);
    else this.#end(worker);
    this.#running -= 1;
    this.#next();
  }

  #rest(worker: Worker): void {
    const { idleMs = 1_000, lastIdleMs = 60_000 } = this.#options;
    const timer = this.#clock.schedule(this.#idle.length === 0 ? lastIdleMs : idleMs, () => {
      this.#forget(worker);
      this.#end(worker);
    });
    this.#idle.push({ worker, timer });
  }

  #end(worker: Worker): void {
    this.#all.delete(worker);
    worker.on('error', () => undefined);
    worker.terminate().catch(() => undefined);
  }

  #start(): Worker {
    const worker = new Worker(this.#options.entry, {
      workerData: this.#options.workerData,
      // The server's own arguments and stdin are no business of a worker; its stdout would corrupt the protocol.
      argv: [],
      stdin: false,
      stdout: true,
      resourceLimits: {
        maxOldGenerationSizeMb: this.#options.maxHeapMb ?? 512,
        maxYoungGenerationSizeMb: YOUNG_HEAP_MB,
        stackSizeMb: 8,
      },
    });
    worker.stdout.resume();
    worker.unref();
    // Between tasks nobody listens: a worker that dies then is only dropped.
    worker.on('exit', () => this.#forget(worker)).on('error', () => this.#forget(worker));
    this.#all.add(worker);
    return worker;
  }

  #forget(worker: Worker): void {
    this.#all.delete(worker);
    const index = this.#idle.findIndex((idle) => idle.worker === worker);
    if (index >= 0) this.#idle.splice(index, 1)[0]?.timer.dispose();
  }
}
