/** Counts calls, failures and durations per server and tool in bounded memory (guide: Debugging Tools). */
import type { Clock } from '../base/clock.ts';
import {
  DURATION_BOUNDS,
  type MetricsSnapshot,
  type ServerId,
  type ToolMetrics,
  type TraceEntry,
} from '../contracts/index.ts';

export interface CallMetricsOptions {
  readonly clock: Clock;
  /** Targets counted one by one; later ones are counted together per server. @default 1000 */
  readonly maxTargets?: number;
  /** What the next attempt at a target would be given, milliseconds. @default not known */
  readonly limitOf?: (server: ServerId, target: string) => number | undefined;
}

/** How one call ended, as its trace entry says it. */
export type Ended = Pick<TraceEntry, 'status' | 'error'>;

/** Codes are ours and few; a stranger's error has none. */
const CANCELLED = 'CANCELLED';

class Counter {
  readonly server: ServerId;
  readonly target: string;
  readonly kind: TraceEntry['kind'];
  readonly counts = new Float64Array(DURATION_BOUNDS.length + 1);
  readonly errors = new Map<string, number>();
  active = 0;
  calls = 0;
  sum = 0;
  min = Number.POSITIVE_INFINITY;
  max = 0;

  constructor(server: ServerId, target: string, kind: TraceEntry['kind']) {
    this.server = server;
    this.target = target;
    this.kind = kind;
  }

  ended(ms: number, { status, error }: Ended): void {
    this.active -= 1;
    this.calls += 1;
    this.sum += ms;
    if (ms < this.min) this.min = ms;
    if (ms > this.max) this.max = ms;
    let bucket = 0;
    while (bucket < DURATION_BOUNDS.length && ms > (DURATION_BOUNDS[bucket] as number) * 1_000) bucket += 1;
    this.counts[bucket] = (this.counts[bucket] as number) + 1;
    if (status === 'ok') return;
    const code = error?.code ?? 'INTERNAL';
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }
}

/**
 * @example
 * const metrics = new CallMetrics({ clock: systemClock });
 * const counter = metrics.started('github', 'tool', 'search');
 * counter.ended(12, { status: 'ok' });
 * metrics.snapshot().tools[0].successRate; // 1
 */
export class CallMetrics {
  readonly #clock: Clock;
  readonly #maxTargets: number;
  readonly #limitOf: NonNullable<CallMetricsOptions['limitOf']>;
  readonly #since: number;
  readonly #servers = new Map<ServerId, Map<string, Counter>>();
  #size = 0;

  constructor(options: CallMetricsOptions) {
    this.#clock = options.clock;
    this.#maxTargets = options.maxTargets ?? 1_000;
    this.#limitOf = options.limitOf ?? (() => undefined);
    this.#since = options.clock.now();
  }

  /**
   * Counts a call as under way until `ended` of what is returned is called, once.
   * @param target - the tool or prompt, without anything secret
   */
  started(server: ServerId, kind: TraceEntry['kind'], target: string): Pick<Counter, 'ended'> {
    const counter = this.#counter(server, kind === 'resource' ? '' : target, kind);
    counter.active += 1;
    return counter;
  }

  snapshot(): MetricsSnapshot {
    const tools = [...this.#servers.values()].flatMap((targets) => [...targets.values()].map((c) => this.#shown(c)));
    const active = tools.reduce((sum, tool) => sum + tool.active, 0);
    return { since: this.#since, at: this.#clock.now(), active, tools };
  }

  #counter(server: ServerId, target: string, kind: TraceEntry['kind']): Counter {
    const targets = this.#servers.get(server);
    const key = kind === 'tool' ? target : `${kind} ${target}`;
    const known = targets?.get(key);
    if (known !== undefined) return known;
    if (this.#size >= this.#maxTargets && target !== '') return this.#counter(server, '', kind);
    const made = new Counter(server, target, kind);
    this.#size += 1;
    if (targets === undefined) this.#servers.set(server, new Map([[key, made]]));
    else targets.set(key, made);
    return made;
  }

  #shown(counter: Counter): ToolMetrics {
    const { server, target, kind, calls, errors, active, sum, max } = counter;
    const failed = [...errors.values()].reduce((total, count) => total + count, 0);
    const judged = calls - (errors.get(CANCELLED) ?? 0);
    return {
      server,
      target,
      kind,
      calls,
      errors: Object.fromEntries(errors),
      active,
      successRate: judged === 0 ? undefined : (calls - failed) / judged,
      durations: { counts: [...counter.counts], sum, min: calls === 0 ? 0 : counter.min, max },
      limitMs: target === '' ? undefined : this.#limitOf(server, target),
    };
  }
}
