/** What a workspace may say of tools: more risk, more care, shorter memory, lower limits. Pure. */
import { type RateLimit, RISKS, type Risk } from '../../contracts/index.ts';
import { parseToolPattern } from '../../middleware/rules/tool-pattern.ts';
import { type Policies, ttlOf } from './policy.ts';
import type { UserConfig } from './schema.ts';
import type { WrittenPolicy } from './sections/tools.ts';
import type { Widening } from './tighten-layers.ts';
import { asWritten } from './units.ts';

type Tools = UserConfig['tools'];

/** What the user's rules say of everything that a pattern is about. */
export interface Before {
  readonly policies: Policies;
  /** Of a tool that nothing is said of; `false` for none. */
  readonly usualLimit: RateLimit | false;
  /** Of a tool that is cached without a time of its own, milliseconds. */
  readonly usualTtlMs: number;
}

/** What is left when everything is taken out that would let more happen. */
export function tightenTools(
  before: Before,
  tools: Tools,
): { readonly tools: Tools; readonly widenings: readonly Widening[] } {
  const widenings: Widening[] = [];
  const kept = Object.entries(tools).map(([pattern, policy]) => {
    const { server = '*', target } = parseToolPattern(pattern);
    const reasons = reasonsAgainst(before, server, target, policy);
    for (const [field, because] of Object.entries(reasons))
      widenings.push({ path: ['tools', pattern, field], because });
    const fields = Object.entries(policy).filter(([field]) => !Object.hasOwn(reasons, field));
    return [pattern, Object.fromEntries(fields) as WrittenPolicy] as const;
  });
  return { tools: Object.fromEntries(kept), widenings };
}

/** By field, why it may not stand. */
function reasonsAgainst(
  { policies, usualLimit, usualTtlMs }: Before,
  server: string,
  target: string,
  policy: WrittenPolicy,
): Readonly<Record<string, string>> {
  const own = policies.policyOf(server, target);
  const ownLimit = policies.rateLimitOf(server, target, usualLimit);
  const reasons: Record<string, string | undefined> = {
    idempotent: policy.idempotent === true && !own.idempotent ? 'you do not call it idempotent' : undefined,
    risk: widerRisk(own.risk, policy.risk),
    audit: policy.audit === 'normal' && own.audit === 'required' ? 'you require it' : undefined,
    cache: widerCache(own.cacheTtlMs ?? 0, ttlOf(policy.cache, usualTtlMs)),
    rateLimit: widerLimit(ownLimit, policy.rateLimit),
  };
  return Object.fromEntries(
    Object.entries(reasons).filter((reason): reason is [string, string] => reason[1] !== undefined),
  );
}

function widerRisk(own: Risk | undefined, said: Risk | undefined): string | undefined {
  if (said === undefined || RISKS.indexOf(said) >= RISKS.indexOf(own ?? 'medium')) return undefined;
  return own === undefined ? `${said} is less than medium, which is assumed` : `${said} is less than your ${own}`;
}

function widerCache(ownMs: number, saidMs: number | undefined): string | undefined {
  if (saidMs === undefined || saidMs <= ownMs) return undefined;
  return ownMs === 0
    ? 'nothing of it is kept by your own'
    : `${asWritten(saidMs, 'time')} is longer than your ${asWritten(ownMs, 'time')}`;
}

function widerLimit(own: RateLimit | false, said: WrittenPolicy['rateLimit']): string | undefined {
  if (said === undefined || own === false) return undefined;
  if (said === false) return 'yours has one';
  if (said.perSecond > own.perSecond) return `${said.perSecond} per second is more than your ${own.perSecond}`;
  return (said.burst ?? 1) > own.burst ? `a burst of ${said.burst} is more than your ${own.burst}` : undefined;
}
