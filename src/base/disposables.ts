/** Things that must be undone, and a stack that undoes them in reverse order. */
import { messageOf } from './errors.ts';

export interface Disposable {
  dispose(): void;
}

export interface AsyncDisposable {
  dispose(): Promise<void> | void;
}

/** Turns a function into a `Disposable` that runs it at most once. */
export function disposable(undo: () => void): Disposable {
  let done = false;
  return {
    dispose() {
      if (done) return;
      done = true;
      undo();
    },
  };
}

/** Last in, first out; one failing member never keeps the others from being disposed. */
export class DisposableStack implements AsyncDisposable {
  readonly #members: AsyncDisposable[] = [];
  #disposed = false;

  add<T extends AsyncDisposable>(member: T): T {
    if (this.#disposed) throw new Error('cannot add to a disposed stack');
    this.#members.push(member);
    return member;
  }

  /** @throws AggregateError naming every member that failed to dispose. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    const failures: unknown[] = [];
    for (let member = this.#members.pop(); member !== undefined; member = this.#members.pop()) {
      try {
        await member.dispose();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) {
      throw new AggregateError(failures, `could not dispose: ${failures.map(messageOf).join('; ')}`);
    }
  }
}
