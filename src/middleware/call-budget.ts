/** How many extra calls a server may be sent: a share of the ordinary ones, and a few per minute besides. */
import type { Clock } from '../base/clock.ts';

export interface CallBudgetOptions {
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Extra calls earned by each ordinary one, 0 to 1. */
  readonly share: number;
  /** Extra calls per minute that need not be earned. */
  readonly perMinute: number;
  /** Extra calls that can be saved up. */
  readonly burst: number;
}

interface Account {
  tokens: number;
  /** Monotonic milliseconds of the last grant. */
  grantedAt: number;
}

/**
 * One token bucket per key. In any stretch of time no more is spent than `burst + share × calls + perMinute × minutes`,
 * whatever the order of events (Finagle's retry budget).
 */
export class CallBudgets {
  readonly #options: CallBudgetOptions;
  readonly #accounts = new Map<string, Account>();

  constructor(options: CallBudgetOptions) {
    this.#options = options;
  }

  /** An ordinary call was made. */
  earn(key: string): void {
    this.#account(key).tokens += this.#options.share; // what is over `burst` is cut off when it is spent
  }

  /** @returns whether one extra call may be made; it is paid for then */
  trySpend(key: string): boolean {
    const account = this.#account(key);
    const now = this.#options.clock.monotonic();
    const granted = ((now - account.grantedAt) * this.#options.perMinute) / 60_000;
    account.tokens = Math.min(this.#options.burst, account.tokens + granted);
    account.grantedAt = now;
    if (account.tokens < 1) return false;
    account.tokens -= 1;
    return true;
  }

  #account(key: string): Account {
    const known = this.#accounts.get(key);
    if (known !== undefined) return known;
    const { clock, perMinute, burst } = this.#options;
    const account = { tokens: Math.min(burst, perMinute), grantedAt: clock.monotonic() };
    this.#accounts.set(key, account);
    return account;
  }
}
