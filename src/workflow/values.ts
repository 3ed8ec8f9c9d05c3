/** Step values between memory and journal: small ones inline, large ones as blobs, and a cache of what this run made. */
import type { JsonObject, JsonValue } from '../base/json.ts';
import type { Journal, RunState, StepId, StoredValue } from '../contracts/index.ts';

/** Bytes of JSON above which a value is kept beside the journal. */
const INLINE_LIMIT = 64 * 1024;

export class RunValues {
  readonly #journal: Journal;
  readonly #live = new Map<StepId, JsonValue>();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** Stores the value of a step and returns what its event records. */
  async keep(step: StepId, value: JsonValue): Promise<StoredValue> {
    this.#live.set(step, value);
    return this.store(value);
  }

  async store(value: JsonValue): Promise<StoredValue> {
    return JSON.stringify(value).length > INLINE_LIMIT ? this.#journal.putBlob(value) : { value };
  }

  /** The values of every step that has one, as expressions see them. */
  async scopeOf(state: RunState, wanted: Iterable<StepId>): Promise<JsonObject> {
    const values: Record<string, JsonValue> = {};
    for (const id of wanted) {
      const step = state.steps.get(id);
      if (step?.result !== undefined) values[id] = this.#live.get(id) ?? (await this.load(step.result));
    }
    return values;
  }

  async load(stored: StoredValue): Promise<JsonValue> {
    return 'blob' in stored ? this.#journal.getBlob(stored) : stored.value;
  }
}
