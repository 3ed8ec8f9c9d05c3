/** The runs of this process and those the disk remembers. */
import { Emitter } from '../base/events.ts';
import { messageOf } from '../base/errors.ts';
import type { JsonObject, JsonValue } from '../base/json.ts';
import type {
  JournalStore,
  RunEvent,
  RunHandle,
  RunId,
  Runs,
  RunState,
  RunSummary,
  StepProgress,
} from '../contracts/index.ts';
import { foldAll } from '../workflow/fold.ts';
import { RunValues } from '../workflow/values.ts';

/** Past runs that are read from disk for a list. */
const LISTED_RUNS = 50;

export class RunRegistry implements Runs {
  readonly #journals: JournalStore;
  readonly #live = new Map<RunId, RunHandle>();
  readonly #events: Emitter<{ readonly event: RunEvent; readonly state: RunState }>;
  readonly #progress: Emitter<StepProgress>;

  constructor(journals: JournalStore, onListenerError: (error: unknown) => void) {
    this.#journals = journals;
    this.#events = new Emitter(onListenerError);
    this.#progress = new Emitter(onListenerError);
  }

  get onEvent(): Runs['onEvent'] {
    return this.#events.event;
  }

  get onProgress(): Runs['onProgress'] {
    return this.#progress.event;
  }

  add(handle: RunHandle): void {
    this.#live.set(handle.runId, handle);
  }

  published(event: RunEvent, state: RunState): void {
    this.#events.fire({ event, state });
  }

  progressed(progress: StepProgress): void {
    this.#progress.fire(progress);
  }

  get(runId: RunId): RunHandle | undefined {
    return this.#live.get(runId);
  }

  async list(): Promise<readonly RunSummary[]> {
    const live = [...this.#live.values()].reverse().map((handle) => ({ runId: handle.runId, state: handle.state() }));
    const past = (await this.#journals.list()).filter((runId) => !this.#live.has(runId)).slice(0, LISTED_RUNS);
    const read = await Promise.all(past.map((runId) => this.#summary(runId)));
    return [...live, ...read.filter((summary) => summary !== undefined)];
  }

  /** The step values of an ended run, from disk. */
  async values(runId: RunId, state: RunState): Promise<JsonObject> {
    return this.#reader(runId).scopeOf(state, state.steps.keys());
  }

  async outputs({ runId, outputs }: RunState): Promise<JsonValue | undefined> {
    return outputs === undefined ? undefined : this.#reader(runId).load(outputs);
  }

  #reader(runId: RunId): RunValues {
    return new RunValues({
      append: () => Promise.reject(new Error('read only')),
      putBlob: () => Promise.reject(new Error('read only')),
      getBlob: (ref) => this.#journals.readBlob(runId, ref),
      close: () => Promise.resolve(),
    });
  }

  async cancelAll(reason: string): Promise<void> {
    const handles = [...this.#live.values()];
    for (const handle of handles) handle.cancel(reason);
    await Promise.allSettled(handles.map((handle) => handle.ended));
  }

  dispose(): void {
    this.#events.dispose();
    this.#progress.dispose();
  }

  /** A journal that cannot be read is left out of the list only when it never held a run. */
  async #summary(runId: RunId): Promise<RunSummary | undefined> {
    try {
      const { events, damage } = await this.#journals.read(runId);
      const state = foldAll(events);
      return state === undefined ? undefined : { runId, state, damage };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new Error(`run ${runId}: ${messageOf(error)}`, { cause: error });
    }
  }
}
