/** How the calls of this process went, per server and tool: kept in bounded memory, read by views and exporters. */
import type { ServerId } from './call.ts';
import type { TraceEntry } from './ports.ts';

/** Upper bounds of the duration histogram, seconds: what the semantic conventions for MCP recommend. */
export const DURATION_BOUNDS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300] as const;

export interface ToolMetrics {
  readonly server: ServerId;
  /** Tool or prompt; empty for resources, whose addresses are without number, and for what exceeds the bound. */
  readonly target: string;
  readonly kind: TraceEntry['kind'];
  /** Ended calls. */
  readonly calls: number;
  /** Ended calls that failed, by code; a tool that says it failed counts as `TOOL_ERROR`. */
  readonly errors: Readonly<Record<string, number>>;
  /** Calls that are under way. */
  readonly active: number;
  /** Share of the ended calls that succeeded, 0 to 1; cancelled ones do not count. Undefined before there is one. */
  readonly successRate: number | undefined;
  readonly durations: {
    /** One more than there are bounds: the last counts what is above all of them. */
    readonly counts: readonly number[];
    /** Milliseconds. */
    readonly sum: number;
    readonly min: number;
    readonly max: number;
  };
  /** What the next attempt would be given, milliseconds; undefined where the time-out is switched off. */
  readonly limitMs?: number | undefined;
}

export interface MetricsSnapshot {
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly at: number;
  /** Calls that are under way, over all servers. */
  readonly active: number;
  readonly tools: readonly ToolMetrics[];
}
