/** One piece of work per key, shared by all who ask for it meanwhile and given up when the last of them leaves. */
import { abortError, ONCE } from '../base/abort.ts';
import { ConductorError } from '../base/errors.ts';

interface Flight<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  waiting: number;
}

export class SingleFlight<T> {
  readonly #flights = new Map<string, Flight<T>>();

  /**
   * Joins the work under way for `key`, else starts it. The work has a signal of its own: whoever started it may
   * leave without ending it for the others.
   * @param signal - of the one who asks; only its own wait ends with it
   */
  run(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (signal.aborted) return Promise.reject(abortError(signal));
    const flight = this.#flights.get(key) ?? this.#start(key, work);
    flight.waiting += 1;
    return new Promise((resolve, reject) => {
      let waits = true;
      const leave = (): boolean => {
        if (!waits) return false;
        waits = false;
        signal.removeEventListener('abort', onAbort);
        flight.waiting -= 1;
        if (flight.waiting === 0) this.#end(key, flight);
        return true;
      };
      const onAbort = (): void => {
        if (leave()) reject(abortError(signal));
      };
      signal.addEventListener('abort', onAbort, ONCE);
      flight.result.then(
        (value) => leave() && resolve(value),
        (error: unknown) => leave() && reject(error),
      );
    });
  }

  has(key: string): boolean {
    return this.#flights.has(key);
  }

  #start(key: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController();
    const flight: Flight<T> = { result: work(controller.signal), controller, waiting: 0 };
    this.#flights.set(key, flight);
    const settled = (): void => this.#forget(key, flight);
    flight.result.then(settled, settled);
    return flight;
  }

  #end(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) !== flight) return;
    this.#forget(key, flight);
    flight.controller.abort(new ConductorError('CANCELLED', 'nobody waits for the answer any more'));
  }

  #forget(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
