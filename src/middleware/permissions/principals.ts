/** Who a permission rule is about: `person`, `pipeline:review`, `agent:crit*`. */
import type { Principal } from '../../contracts/index.ts';
import { matchesGlob } from '../rules/tool-pattern.ts';

const KINDS: readonly Principal['kind'][] = ['person', 'pipeline', 'agent', 'automation'];

export interface PrincipalPattern {
  readonly kind: Principal['kind'];
  /** `*` stands for any characters. */
  readonly id: string;
}

export const EVERYBODY: readonly PrincipalPattern[] = KINDS.map((kind) => ({ kind, id: '*' }));

/** @throws TypeError saying what would be right. */
export function parsePrincipal(text: string): PrincipalPattern {
  const [kind = '', ...rest] = text.split(':');
  const known = KINDS.find((name) => name === kind);
  if (known === undefined || (rest.length > 0 && rest.join(':') === '')) {
    throw new TypeError(
      `"${text}" is nobody who can call: write ${KINDS.join(', ')}, or one with an id, such as pipeline:review`,
    );
  }
  return { kind: known, id: rest.length === 0 ? '*' : rest.join(':') };
}

/** Undefined patterns are everybody. */
export function matchesPrincipal(patterns: readonly PrincipalPattern[] | undefined, principal: Principal): boolean {
  if (patterns === undefined) return true;
  return patterns.some(({ kind, id }) => kind === principal.kind && matchesGlob(id, principal.id));
}

/** True when whoever `narrow` is about, `wide` is about too. */
export function coversPrincipals(
  wide: readonly PrincipalPattern[] | undefined,
  narrow: readonly PrincipalPattern[] | undefined,
): boolean {
  if (wide === undefined) return true;
  return (narrow ?? EVERYBODY).every((one) =>
    wide.some(({ kind, id }) => kind === one.kind && matchesGlob(id, one.id)),
  );
}

/** False only when nobody is meant by both. */
export function overlapPrincipals(
  a: readonly PrincipalPattern[] | undefined,
  b: readonly PrincipalPattern[] | undefined,
): boolean {
  if (a === undefined || b === undefined) return true;
  return a.some((one) =>
    b.some(
      (other) =>
        one.kind === other.kind &&
        (matchesGlob(one.id, other.id) ||
          matchesGlob(other.id, one.id) ||
          (one.id.includes('*') && other.id.includes('*'))),
    ),
  );
}
