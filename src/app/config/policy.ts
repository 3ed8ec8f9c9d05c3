/** What the configuration says of one tool: the most specific pattern that says something decides it. Pure. */
import {
  BUNDLED_SERVERS,
  type PolicyOf,
  type RateLimit,
  type Risk,
  RISKS,
  type ServerId,
  type ToolPolicy,
} from '../../contracts/index.ts';
import { coversTools, matchesTool, parseToolPattern, type ToolPattern } from '../../middleware/rules/tool-pattern.ts';
import type { UserConfig } from './schema.ts';
import type { WrittenPolicy as Written } from './sections/tools.ts';

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
  /** @param usual - the limit of a tool that nothing is said of, `false` for none */
  readonly rateLimitOf: (server: ServerId, tool: string, usual: RateLimit | false) => RateLimit | false;
}

/** What is said of one tool: by the user, and by each folder of the workspace. */
interface Said {
  readonly policy: ToolPolicy;
  /** Whether the user, and not only we, calls it idempotent. */
  readonly isNamed: boolean;
  readonly rateLimit: Written['rateLimit'];
  readonly workspaces: readonly Written[];
}

/** @param workspaces - what comes on top of the user's: of both, what lets less happen holds */
export function createPolicies(
  config: Pick<UserConfig, 'tools' | 'layers'>,
  workspaces: readonly Pick<UserConfig, 'tools'>[] = [],
): Policies {
  const { cache } = config.layers;
  const usualTtlMs = cache === false ? 0 : cache.ttl;
  const own = entriesOf(config.tools);
  const further = workspaces.map(({ tools }) => entriesOf(tools)).filter((entries) => entries.length > 0);
  const remembered = new Map<ServerId, Map<string, Said>>();
  let count = 0;
  const saidOf = (server: ServerId, tool: string): Said => {
    const known = remembered.get(server)?.get(tool);
    if (known !== undefined) return known;
    const named = merge(server, tool, own);
    const written = { ...(isBundled(server) ? BUNDLED : {}), ...named };
    const said = further.map((entries) => merge(server, tool, entries));
    const policy = said.reduce((so, more) => tightened(so, more, usualTtlMs), toPolicy(written, usualTtlMs));
    const made = { policy, isNamed: named.idempotent === true, rateLimit: written.rateLimit, workspaces: said };
    if (count >= MAX_REMEMBERED) {
      remembered.clear();
      count = 0;
    }
    count += 1;
    remembered.set(server, (remembered.get(server) ?? new Map<string, Said>()).set(tool, made));
    return made;
  };
  return {
    policyOf: (server, tool) => saidOf(server, tool).policy,
    isHedged: (server, tool) => {
      const { policy, isNamed } = saidOf(server, tool);
      return policy.idempotent && isNamed;
    },
    rateLimitOf: (server, tool, usual) => {
      const said = saidOf(server, tool);
      const limit = said.rateLimit === undefined ? usual : toLimit(said.rateLimit);
      return said.workspaces.reduce((so, { rateLimit }) => lower(so, rateLimit), limit);
    },
  };
}

/** The limit of a tool that nothing is said of. */
export function usualLimitOf({ rateLimit }: UserConfig['layers']): RateLimit | false {
  return rateLimit === false ? false : toLimit(rateLimit);
}

function isBundled(server: ServerId): boolean {
  return BUNDLED_SERVERS.some((id) => id === server);
}

/** Broad ones first, so that a narrower one overwrites what it says something about. */
function entriesOf(tools: UserConfig['tools']): readonly Entry[] {
  const entries = Object.entries(tools).map(([text, policy]): Entry => ({ pattern: parseToolPattern(text), policy }));
  const breadth = new Map(
    entries.map((entry) => [entry, entries.filter(({ pattern }) => coversTools(pattern, entry.pattern)).length]),
  );
  return entries.toSorted((a, b) => (breadth.get(a) ?? 0) - (breadth.get(b) ?? 0));
}

function merge(server: ServerId, tool: string, entries: readonly Entry[]): Written {
  const matching = entries.filter(({ pattern }) => matchesTool(pattern, server, tool));
  return Object.assign({}, ...matching.map(({ policy }) => policy)) as Written;
}

/** @param usualTtlMs - of a tool that is cached without a time of its own, milliseconds */
function toPolicy(written: Written, usualTtlMs: number): ToolPolicy {
  return {
    idempotent: written.idempotent ?? false,
    audit: written.audit ?? 'normal',
    cacheTtlMs: ttlOf(written.cache, usualTtlMs) || undefined,
    risk: written.risk,
    affectedSystems: written.affects ?? [],
  };
}

/** @returns milliseconds; 0 keeps nothing, undefined says nothing */
export function ttlOf(cache: Written['cache'], usualTtlMs: number): number | undefined {
  if (typeof cache !== 'boolean') return cache;
  return cache ? usualTtlMs : 0;
}

/** Of both, what lets less happen. */
function tightened(policy: ToolPolicy, said: Written, usualTtlMs: number): ToolPolicy {
  const ttlMs = ttlOf(said.cache, usualTtlMs) ?? Number.POSITIVE_INFINITY;
  return {
    idempotent: policy.idempotent && said.idempotent !== false,
    audit: said.audit === 'required' ? 'required' : policy.audit,
    cacheTtlMs: Math.min(policy.cacheTtlMs ?? 0, ttlMs) || undefined,
    risk: higherRisk(policy.risk, said.risk),
    affectedSystems: [...new Set([...policy.affectedSystems, ...(said.affects ?? [])])],
  };
}

/** What nobody names is taken for medium. */
function higherRisk(own: Risk | undefined, said: Risk | undefined): Risk | undefined {
  if (said === undefined) return own;
  return RISKS.indexOf(said) > RISKS.indexOf(own ?? 'medium') ? said : own;
}

function toLimit(written: RateLimitWritten): RateLimit | false {
  if (written === false) return false;
  return { perSecond: written.perSecond, burst: written.burst ?? Math.max(1, written.perSecond) };
}

type RateLimitWritten = NonNullable<Written['rateLimit']>;

function lower(so: RateLimit | false, written: Written['rateLimit']): RateLimit | false {
  if (written === undefined || written === false) return so;
  const said = toLimit(written);
  if (so === false || said === false) return said;
  return { perSecond: Math.min(so.perSecond, said.perSecond), burst: Math.min(so.burst, said.burst) };
}
