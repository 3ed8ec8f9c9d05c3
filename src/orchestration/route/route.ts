/** Which tools an intent goes to: by what they say of themselves, what they take, and how they fare. Pure. */
import type { JsonObject } from '../../base/json.ts';
import type { ServerId, ToolInfo } from '../../contracts/index.ts';
import { fitArguments, type FittedArguments } from './fit-arguments.ts';
import type { Hit, ToolIndex } from './tool-index.ts';

export interface RouteRequest {
  /** In a person's words: `search academic papers`. */
  readonly intent: string;
  readonly args: JsonObject;
  /** Tools that are chosen at most. @default 1 */
  readonly max?: number | undefined;
  /** True: one tool of each server at most, so that one server's variants don't stand for several sources. @default true */
  readonly onePerServer?: boolean | undefined;
}

/** What is known of tools besides their own words. */
export interface RouteSignals {
  /** A word of the user's on this tool; preferred ones come first among the fitting. */
  readonly preference?: ((server: ServerId, tool: string) => 'prefer' | 'avoid' | undefined) | undefined;
  /** Why the tool may not be called; undefined when it may, be it after asking. */
  readonly forbidden?: ((server: ServerId, tool: string) => string | undefined) | undefined;
  readonly health?: ((server: ServerId) => 'ready' | 'stopped' | 'failing' | 'down') | undefined;
  /** Observed median of a call, milliseconds. */
  readonly latencyMs?: ((server: ServerId, tool: string) => number | undefined) | undefined;
  /** Of one call, in whatever unit the user counts in. */
  readonly cost?: ((server: ServerId, tool: string) => number | undefined) | undefined;
}

export interface RouteChoice {
  readonly server: ServerId;
  readonly tool: ToolInfo;
  /** In the words of the tool's own schema. */
  readonly args: JsonObject;
  /** Higher is better; comparable within one answer only. */
  readonly score: number;
  /** Why it was chosen, one reason each. */
  readonly because: readonly string[];
}

export interface RouteRefusal {
  readonly server: ServerId;
  readonly tool: string;
  readonly because: string;
}

export interface RouteAnswer {
  /** Best first. */
  readonly choices: readonly RouteChoice[];
  /** Tools that speak of the intent and were not chosen, the nearest first; bounded. */
  readonly refused: readonly RouteRefusal[];
}

/** Beside the best, what is less relevant than this part of it speaks of something else. */
const LEAST_RELEVANCE = 0.4;
/** Hits that are looked at more closely. */
const CONSIDERED = 40;
const REFUSALS = 10;

const HEALTH = { ready: 1, stopped: 0.95, failing: 0.5, down: 0 } as const;
/** A call that takes this long counts half for its speed. */
const SLOW_MS = 10_000;

/**
 * @example
 * const { choices } = route(index, { intent: 'search academic papers', args: { query }, max: 4 }, signals);
 */
export function route(index: ToolIndex, request: RouteRequest, signals: RouteSignals = {}): RouteAnswer {
  const { args, max = 1, onePerServer = true } = request;
  const hits = index.search(request.intent).slice(0, CONSIDERED);
  const best = hits[0]?.relevance ?? 0;
  const choices: RouteChoice[] = [];
  const refused: RouteRefusal[] = [];
  for (const hit of hits) {
    const judged = judge(hit, best, args, signals);
    if ('score' in judged) choices.push(judged);
    else refused.push(judged);
  }
  choices.sort((a, b) => b.score - a.score);
  const taken = choices.filter(
    ({ server }, at) => !onePerServer || choices.findIndex((other) => other.server === server) === at,
  );
  const chosen = taken.slice(0, max);
  const behind = choices
    .filter((choice) => !chosen.includes(choice))
    .map(({ server, tool }) => ({ server, tool: tool.name, because: `others fit better; ${max} at most are chosen` }));
  return { choices: chosen, refused: [...behind, ...refused].slice(0, REFUSALS) };
}

function judge(hit: Hit, best: number, args: JsonObject, signals: RouteSignals): RouteChoice | RouteRefusal {
  const { server, tool } = hit;
  const refuse = (because: string): RouteRefusal => ({ server, tool: tool.name, because });
  const forbidden = signals.forbidden?.(server, tool.name);
  if (forbidden !== undefined) return refuse(forbidden);
  const relevance = hit.relevance / best;
  if (relevance < LEAST_RELEVANCE) return refuse('its name and description speak of something else');
  const health = signals.health?.(server) ?? 'ready';
  if (health === 'down') return refuse('its server does not answer');
  const fitted = fitArguments(args, tool.inputSchema);
  if (fitted.missing.length > 0) return refuse(`it wants ${fitted.missing.join(', ')}, which the step does not give`);
  const factors = [
    { factor: relevance, reason: `speaks of ${hit.matched.join(', ')}` },
    fitFactor(fitted, args),
    { factor: HEALTH[health], reason: `its server is ${health}` },
    ...speedFactor(signals.latencyMs?.(server, tool.name)),
    ...costFactor(signals.cost?.(server, tool.name)),
    ...preferenceFactor(signals.preference?.(server, tool.name)),
  ];
  const score = factors.reduce((product, { factor }) => product * factor, 1);
  return { server, tool, args: fitted.args, score, because: factors.map(({ reason }) => reason) };
}

interface Factor {
  readonly factor: number;
  readonly reason: string;
}

/** What is dropped is asked for in vain: each such argument costs its share. */
function fitFactor({ dropped, changes }: FittedArguments, args: JsonObject): Factor {
  const given = Math.max(1, Object.keys(args).length);
  const lost = dropped.length === 0 ? 'takes every argument' : `has no place for ${dropped.join(', ')}`;
  const told = changes.length === 0 ? lost : `${lost} (${changes.join('; ')})`;
  return { factor: 1 - (0.5 * dropped.length) / given, reason: told };
}

function speedFactor(ms: number | undefined): readonly Factor[] {
  if (ms === undefined) return [];
  return [{ factor: SLOW_MS / (SLOW_MS + ms), reason: `answers in about ${Math.round(ms)} ms` }];
}

function costFactor(cost: number | undefined): readonly Factor[] {
  if (cost === undefined || cost <= 0) return [];
  return [{ factor: 1 / (1 + cost), reason: `costs ${cost} a call` }];
}

function preferenceFactor(preference: 'prefer' | 'avoid' | undefined): readonly Factor[] {
  if (preference === undefined) return [];
  return preference === 'prefer'
    ? [{ factor: 2, reason: 'you prefer it' }]
    : [{ factor: 0.5, reason: 'you would rather avoid it' }];
}
