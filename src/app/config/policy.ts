/** What the configuration says of one tool: the most specific pattern that says something decides it. Pure. */
import {
  BUNDLED_SERVERS,
  type PolicyOf,
  type RateLimit,
  type ServerId,
  type ToolPolicy,
} from '../../contracts/index.ts';
import { coversTools, matchesTool, parseToolPattern, type ToolPattern } from '../../middleware/rules/tool-pattern.ts';
import type { UserConfig } from './schema.ts';
import type { WrittenPolicy } from './sections/tools.ts';

type Written = WrittenPolicy;

interface Entry {
  readonly pattern: ToolPattern;
  readonly policy: Written;
}

/** Policies that are remembered; names of tools are a server's word and could be any number. */
const MAX_REMEMBERED = 2_000;

/** Bundled servers only read, so asking them twice does no harm. */
const BUNDLED: Written = { idempotent: true };

export interface Policies {
  readonly policyOf: PolicyOf;
  /** Whether the user, and not only we, calls the tool idempotent: a second copy is sent on their word alone. */
  readonly isHedged: (server: ServerId, tool: string) => boolean;
  /** Undefined where the layer's own default holds, `false` where there is no limit. */
  readonly rateLimitOf: (server: ServerId, tool: string) => RateLimit | false | undefined;
}

export function createPolicies(config: Pick<UserConfig, 'tools' | 'layers'>): Policies {
  const { cache } = config.layers;
  const cacheTtlMs = cache === false ? undefined : cache.ttl;
  const entries = Object.entries(config.tools)
    .map(([text, policy]): Entry => ({ pattern: parseToolPattern(text), policy }))
    .sort(byBreadth);
  const remembered = new Map<string, Written>();
  const written = (server: ServerId, tool: string): Written => {
    const key = `${server}.${tool}`;
    const known = remembered.get(key) ?? merge(server, tool, entries);
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(key, known);
    return known;
  };
  return {
    policyOf: (server, tool) => toPolicy(written(server, tool), cacheTtlMs),
    isHedged: (server, tool) =>
      written(server, tool).idempotent === true &&
      (!isBundled(server) || mergeWritten(server, tool, entries).idempotent === true),
    rateLimitOf: (server, tool) => toLimit(written(server, tool).rateLimit),
  };
}

/** Broad ones first, so that a narrower one overwrites what it says something about. */
function byBreadth(a: Entry, b: Entry): number {
  return Number(coversTools(b.pattern, a.pattern)) - Number(coversTools(a.pattern, b.pattern));
}

function merge(server: ServerId, tool: string, entries: readonly Entry[]): Written {
  return { ...(isBundled(server) ? BUNDLED : {}), ...mergeWritten(server, tool, entries) };
}

function mergeWritten(server: ServerId, tool: string, entries: readonly Entry[]): Written {
  const matching = entries.filter(({ pattern }) => matchesTool(pattern, server, tool));
  return Object.assign({}, ...matching.map(({ policy }) => policy)) as Written;
}

function isBundled(server: ServerId): boolean {
  return BUNDLED_SERVERS.some((id) => id === server);
}

/** @param usualTtlMs - of a tool that is cached without a time of its own, milliseconds */
function toPolicy(written: Written, usualTtlMs: number | undefined): ToolPolicy {
  const { cache = false } = written;
  return {
    idempotent: written.idempotent ?? false,
    audit: written.audit ?? 'normal',
    cacheTtlMs: typeof cache === 'number' ? cache : cache ? usualTtlMs : undefined,
    risk: written.risk,
    affectedSystems: written.affects ?? [],
  };
}

function toLimit(written: Written['rateLimit']): RateLimit | false | undefined {
  if (written === undefined || written === false) return written;
  return { perSecond: written.perSecond, burst: written.burst ?? Math.max(1, written.perSecond) };
}
