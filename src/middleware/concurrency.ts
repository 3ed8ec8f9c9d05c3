/** Bounds how many calls are under way, in all and per server, and serves waiting runs in turn. */
import { abortError } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { Call, Invoke, Middleware, ServerId } from '../contracts/index.ts';

export interface ConcurrencyOptions {
  /** Times the waits that the call's record tells of. @default they are not told */
  readonly clock?: Clock;
  /** Calls under way at once over all servers. @default 50 */
  readonly global?: number;
  /** Calls under way at once at one server. @default no limit of its own */
  readonly perServer?: (server: ServerId) => number | undefined;
}

interface Waiting {
  readonly server: ServerId;
  readonly admit: () => void;
}

/** Slots with one queue per run, served round robin so that a large run cannot starve a small one. */
class FairSlots {
  readonly #global: number;
  readonly #perServer: (server: ServerId) => number | undefined;
  readonly #queues = new Map<string, Waiting[]>();
  readonly #activeByServer = new Map<ServerId, number>();
  #active = 0;

  constructor(options: ConcurrencyOptions) {
    this.#global = options.global ?? 50;
    if (!Number.isInteger(this.#global) || this.#global < 1) {
      throw new RangeError(`concurrency.global must be a whole number of at least 1, not ${String(options.global)}`);
    }
    this.#perServer = options.perServer ?? (() => undefined);
  }

  tryTake(server: ServerId): boolean {
    const limit = this.#perServer(server) ?? Number.POSITIVE_INFINITY;
    const active = this.#activeByServer.get(server) ?? 0;
    if (this.#active >= this.#global || active >= limit) return false;
    this.#active += 1;
    this.#activeByServer.set(server, active + 1);
    return true;
  }

  wait(call: Call): Promise<void> {
    return new Promise((resolve, reject) => {
      const key = call.run ?? '';
      const waiting: Waiting = {
        server: call.server,
        admit: () => {
          call.signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      const onAbort = (): void => {
        this.#remove(key, waiting);
        reject(abortError(call.signal));
      };
      if (call.signal.aborted) {
        reject(abortError(call.signal));
        return;
      }
      call.signal.addEventListener('abort', onAbort, { once: true });
      const queue = this.#queues.get(key);
      if (queue === undefined) this.#queues.set(key, [waiting]);
      else queue.push(waiting);
    });
  }

  release(server: ServerId): void {
    this.#active -= 1;
    const left = (this.#activeByServer.get(server) ?? 1) - 1;
    if (left === 0) this.#activeByServer.delete(server);
    else this.#activeByServer.set(server, left);
    this.#admitNext();
  }

  #admitNext(): void {
    for (const [key, queue] of this.#queues) {
      const index = queue.findIndex((waiting) => this.tryTake(waiting.server));
      if (index < 0) continue;
      const [admitted] = queue.splice(index, 1);
      this.#queues.delete(key);
      if (queue.length > 0) this.#queues.set(key, queue);
      admitted?.admit();
      return;
    }
  }

  #remove(key: string, waiting: Waiting): void {
    const queue = this.#queues.get(key);
    const index = queue?.indexOf(waiting) ?? -1;
    if (index >= 0) queue?.splice(index, 1);
    if (queue?.length === 0) this.#queues.delete(key);
  }
}

/**
 * Holds a call back until there is a slot for it.
 *
 * @throws RangeError for a limit that is not a whole number of at least 1.
 * @example
 * composeStack(directory.invoke, { concurrency: concurrency({ global: 50 }) });
 */
export function concurrency(options: ConcurrencyOptions = {}): Middleware {
  const slots = new FairSlots(options);
  return (next: Invoke): Invoke =>
    async function concurrencyCall(call) {
      if (!slots.tryTake(call.server)) await waited(slots, call, options.clock);
      try {
        return await next(call);
      } finally {
        slots.release(call.server);
      }
    };
}

async function waited(slots: FairSlots, call: Call, clock: Clock | undefined): Promise<void> {
  const arrivedAt = clock?.now();
  call.onPhase?.('waiting');
  await slots.wait(call);
  if (clock === undefined || arrivedAt === undefined) return;
  const at = clock.now();
  call.record?.events.push({ name: 'concurrency.waited', at, data: { waitMs: Math.round(at - arrivedAt) } });
}
