/** How loud a finding is in the Problems panel: an error turns its file's tab red, so only what can do harm is one. */
import type { Finding, FindingKind } from '../../contracts/index.ts';

export type Level = 'error' | 'warning' | 'information';

const HARMFUL: ReadonlySet<FindingKind> = new Set(['secret', 'sast', 'dependency']);

export function levelOf({ kind, severity }: Pick<Finding, 'kind' | 'severity'>): Level {
  if (severity === 'low') return 'information';
  return severity !== 'medium' && HARMFUL.has(kind) ? 'error' : 'warning';
}
