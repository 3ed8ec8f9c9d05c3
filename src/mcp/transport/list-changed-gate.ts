/** Lets the first "list changed" through and folds the storm behind it into one more, so that a storm costs nothing. */
import type { Clock } from '../../base/clock.ts';
import type { Disposable } from '../../base/disposables.ts';

/** Milliseconds within which further notices of the same kind are folded together. */
const WINDOW_MS = 250;

const LIST_CHANGED = /^notifications\/(?:tools|prompts|resources)\/list_changed$/;

export class ListChangedGate {
  readonly #clock: Clock;
  readonly #windows = new Map<string, { timer: Disposable; trailing: (() => void) | undefined }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param deliver passes the notice on; called now, or once at the end of the window, or never */
  pass(method: string, deliver: () => void): void {
    if (!LIST_CHANGED.test(method)) {
      deliver();
      return;
    }
    const open = this.#windows.get(method);
    if (open !== undefined) {
      open.trailing = deliver;
      return;
    }
    this.#open(method);
    deliver();
  }

  dispose(): void {
    for (const { timer } of this.#windows.values()) timer.dispose();
    this.#windows.clear();
  }

  #open(method: string): void {
    const timer = this.#clock.schedule(WINDOW_MS, () => {
      const trailing = this.#windows.get(method)?.trailing;
      this.#windows.delete(method);
      if (trailing === undefined) return;
      this.#open(method);
      trailing();
    });
    this.#windows.set(method, { timer, trailing: undefined });
  }
}
