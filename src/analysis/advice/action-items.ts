/** Action items: recommendations broken down into work for one sitting, each at one place. Same input, same list. */
import type { ActionItem, FindingKind, Recommendation, Severity } from '../../contracts/review.ts';
import { byCodeUnit } from '../walk.ts';

/** Places of one recommendation that become items of their own: what is severe is worth naming more than once. */
const PLACES_EACH: Readonly<Record<Severity, number>> = { critical: 3, high: 3, medium: 1, low: 1 };

type Effort = ActionItem['effort'];

const EFFORT: Readonly<Record<FindingKind, Effort>> = {
  complexity: 'medium',
  smell: 'small',
  pattern: 'large',
  duplication: 'medium',
  secret: 'small',
  sast: 'medium',
  dependency: 'small',
  docs: 'small',
};

const VERB: Readonly<Record<FindingKind, string>> = {
  complexity: 'Simplify',
  smell: 'Clean up',
  pattern: 'Untangle',
  duplication: 'Merge the copies at',
  secret: 'Revoke and remove the secret at',
  sast: 'Make safe',
  dependency: 'Settle the dependency at',
  docs: 'Correct',
};

/** @param max items at most. @default 20 */
export function planActions(recommendations: readonly Recommendation[], max = 20): readonly ActionItem[] {
  const ranked = [...recommendations].sort((a, b) => b.score - a.score || byCodeUnit(a.id, b.id));
  const items: Omit<ActionItem, 'priority'>[] = [];
  const taken = new Set<string>();
  for (const recommendation of ranked) {
    recommendation.places.slice(0, PLACES_EACH[recommendation.severity]).forEach((place, index) => {
      // Two rules that meet at one place are one thing to do.
      const key = `${recommendation.kind} ${place.file}:${place.line}`;
      if (!taken.has(key)) items.push(toItem(recommendation, place, index));
      taken.add(key);
    });
  }
  return items.slice(0, max).map((item, index) => ({ ...item, priority: index + 1 }));
}

function toItem(
  from: Recommendation,
  place: Recommendation['places'][number],
  index: number,
): Omit<ActionItem, 'priority'> {
  return {
    id: `${from.id}-${index + 1}`,
    title: titleOf(from, place),
    reason: [place.message ?? from.reason, from.help].filter((part) => part !== undefined).join(' '),
    severity: from.severity,
    effort: from.reach > 10 && from.kind !== 'secret' ? larger(EFFORT[from.kind]) : EFFORT[from.kind],
    file: place.file,
    line: place.line,
    recommendation: from.id,
  };
}

/** What a README lacks is not on its first line, and one that is not there has none. */
function titleOf({ kind, ruleIds }: Recommendation, { file, line }: Recommendation['places'][number]): string {
  if (ruleIds.includes('docs/no-readme')) return `Write ${file}`;
  if (ruleIds.includes('docs/readme-incomplete')) return `Complete ${file}`;
  return `${VERB[kind]} ${file}:${line}`;
}

function larger(effort: Effort): Effort {
  return effort === 'small' ? 'medium' : 'large';
}
