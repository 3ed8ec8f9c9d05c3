/** A step that asks several tools: the strategies of `orchestration/`, as workflow files name them. */
import type { Clock } from '../base/clock.ts';
import { ConductorError, type ErrorCode } from '../base/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../base/json.ts';
import type { Asked, MergeSpec, StrategySpec } from '../contracts/index.ts';
import type { Contestant, Outcome } from '../orchestration/contest.ts';
import { fanOut } from '../orchestration/fan-out.ts';
import { merge } from '../orchestration/merge/merge.ts';
import { quorum } from '../orchestration/quorum.ts';
import { hedgeAcross, race } from '../orchestration/race.ts';
import { speculate } from '../orchestration/speculate.ts';
import { evaluate, type Scope } from './expressions.ts';

export interface AskManyOptions {
  readonly strategy: StrategySpec;
  readonly merge: MergeSpec | undefined;
  readonly scope: Scope;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told of every tool that was asked, whatever comes of the step. */
  readonly onAsked: (asked: readonly Asked[]) => void;
}

type Tools = readonly Contestant<JsonValue>[];
type Reply = { readonly id: string; readonly value: JsonValue };

/** Milliseconds after which hedging asks the next one. */
const HEDGE_AFTER_MS = 5_000;

/**
 * `first`, `best`, `hedge`: the winner's value. `all`, `quorum`: `{replies, failures}`, or with `merge`
 * `{items, sources, failures}`; a quorum adds `reached`.
 *
 * @throws ConductorError when no tool gave what the strategy needs; the message says of each why not
 */
export async function askMany(tools: Tools, options: AskManyOptions): Promise<JsonValue> {
  const { strategy, clock, signal, onAsked } = options;
  const common = { clock, signal, deadlineMs: strategy.deadlineMs };
  const told = <T extends { readonly outcomes: readonly Outcome<JsonValue>[] }>(result: T): T => {
    onAsked(result.outcomes.map(askedOf));
    return result;
  };
  switch (strategy.kind) {
    case 'all': {
      const { replies, outcomes, enough } = told(await fanOut(tools, { ...common, least: strategy.least }));
      if (!enough) throw nothingOf(outcomes);
      return together(replies, outcomes, options);
    }
    case 'quorum': {
      const result = told(await quorum(tools, { ...common, size: strategy.size, isRelevant: relevance(options) }));
      if (result.replies.length === 0) throw nothingOf(result.outcomes);
      return { ...(await together(result.replies, result.outcomes, options)), reached: result.reached };
    }
    case 'best': {
      const { winner, outcomes } = told(
        await speculate(tools, { ...common, goodEnough: strategy.goodEnough, judge: judge(options) }),
      );
      return valueOf(winner, outcomes);
    }
    case 'first': {
      const { winner, outcomes } = told(await race(tools, common));
      return valueOf(winner, outcomes);
    }
    case 'hedge': {
      const { winner, outcomes } = told(
        await hedgeAcross(tools, { ...common, afterMs: strategy.afterMs ?? HEDGE_AFTER_MS }),
      );
      return valueOf(winner, outcomes);
    }
  }
}

export function askedOf(outcome: Outcome<JsonValue>): Asked {
  const { id: target, status } = outcome;
  const because = status === 'failed' ? outcome.error.message : 'because' in outcome ? outcome.because : undefined;
  const ms = 'ms' in outcome ? { ms: Math.round(outcome.ms) } : {};
  return { target, status, ...(because === undefined ? {} : { because }), ...ms };
}

export function valueOf(winner: Reply | undefined, outcomes: readonly Outcome<JsonValue>[]): JsonValue {
  if (winner === undefined) throw nothingOf(outcomes);
  return winner.value;
}

/** With the code of the first failure, so that a denial stays a denial. */
function nothingOf(outcomes: readonly Outcome<JsonValue>[]): ConductorError {
  const failed = outcomes.find((outcome) => outcome.status === 'failed');
  const code: ErrorCode = failed?.status === 'failed' ? failed.error.code : 'TOOL_ERROR';
  const lost = failuresOf(outcomes).map(({ source, reason }) => `${source}: ${reason}`);
  return new ConductorError(code, `too few of ${outcomes.length} tools answered: ${lost.join('; ')}`);
}

function failuresOf(outcomes: readonly Outcome<JsonValue>[]): { readonly source: string; readonly reason: string }[] {
  return outcomes
    .filter(({ status }) => status !== 'succeeded')
    .map((outcome) => ({ source: outcome.id, reason: askedOf(outcome).because ?? outcome.status }));
}

async function together(
  replies: readonly Reply[],
  outcomes: readonly Outcome<JsonValue>[],
  { merge: spec, scope }: AskManyOptions,
): Promise<JsonObject> {
  const failures = failuresOf(outcomes);
  if (spec === undefined) return { replies: replies.map(({ id, value }) => ({ source: id, value })), failures };
  return mergeReplies(replies, spec, scope, failures);
}

/** The lists of several replies as one: `{items, sources, failures}`. @throws ConductorError VALIDATION_FAILED */
export async function mergeReplies(
  replies: readonly Reply[],
  { items: expression, ...options }: MergeSpec,
  scope: Scope,
  failures: readonly { readonly source: string; readonly reason: string }[] = [],
): Promise<JsonObject> {
  const lists = await Promise.all(
    replies.map(async ({ id: source, value }) => {
      const found = expression === undefined ? listOf(value) : await evaluate(expression, { ...scope, value, source });
      return { source, items: Array.isArray(found) ? (found as readonly JsonValue[]) : undefined };
    }),
  );
  const whole = lists.flatMap(({ source, items }) => (items === undefined ? [] : [{ source, items }]));
  const without = lists.filter(({ items }) => items === undefined);
  return {
    items: merge(whole, options).items,
    sources: whole.map(({ source, items }) => ({ source, items: items.length })),
    failures: [...failures, ...without.map(({ source }) => ({ source, reason: 'its answer holds no list' }))],
  };
}

/** Names under which tools of search keep their results. */
const LIST_NAMES = ['items', 'results', 'papers', 'works', 'data', 'documents', 'entries', 'hits', 'repositories'];

/** The list in an answer: the answer itself, the list under a usual name, or the only one there is. */
function listOf(value: JsonValue): readonly JsonValue[] | undefined {
  if (Array.isArray(value)) return value as readonly JsonValue[];
  if (!isJsonObject(value)) return undefined;
  const named = LIST_NAMES.map((name) => value[name]).find((member) => Array.isArray(member));
  if (named !== undefined) return named as readonly JsonValue[];
  if (typeof value.text === 'string' && Array.isArray(value.content)) return listInText(value.text);
  const lists = Object.values(value).filter((member) => Array.isArray(member));
  return lists.length === 1 ? (lists[0] as readonly JsonValue[]) : undefined;
}

/** Many servers answer with JSON in a text. */
function listInText(text: string): readonly JsonValue[] | undefined {
  try {
    const parsed = JSON.parse(text) as JsonValue;
    return typeof parsed === 'object' ? listOf(parsed) : undefined;
  } catch {
    return undefined;
  }
}

function relevance({
  strategy,
  scope,
}: AskManyOptions): ((value: JsonValue, source: string) => Promise<boolean>) | undefined {
  const { relevant } = strategy;
  if (relevant === undefined) return undefined;
  return async (value, source) => {
    const verdict = await evaluate(relevant, { ...scope, value, source });
    return verdict !== undefined && verdict !== null && verdict !== false && verdict !== 0 && verdict !== '';
  };
}

/** Without an expression the longest answer says the most. */
function judge({ strategy, scope }: AskManyOptions): (value: JsonValue, source: string) => Promise<number> {
  const { score } = strategy;
  return async (value, source) =>
    score === undefined ? JSON.stringify(value).length : Number(await evaluate(score, { ...scope, value, source }));
}
