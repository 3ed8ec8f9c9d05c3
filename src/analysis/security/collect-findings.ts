/** Turns what all detectors said into one list: merged per place, fingerprinted, above the threshold, in a fixed order. */
import type { RawFinding, Severity } from '../../contracts/index.ts';
import { byPlace } from '../code/make-finding.ts';
import { createFingerprinter } from '../fingerprint.ts';
import { atLeast, byWeight, type FindingDraft } from './findings.ts';

/** Most findings one answer carries; the least severe are left out first. */
export const MAX_FINDINGS = 5_000;

export interface CollectedFindings {
  readonly findings: readonly RawFinding[];
  /** How many were left out because there are too many. */
  readonly omitted: number;
}

/** The threshold comes last, so that a finding has the same fingerprint whatever was asked for. */
export function collectFindings(drafts: readonly FindingDraft[], threshold: Severity): CollectedFindings {
  const fingerprintOf = createFingerprinter();
  const kept = mergePlaces(drafts)
    .sort(byPlace)
    .map((draft) => ({ draft, fingerprint: fingerprintOf(draft.ruleId, draft.file, draft.identity.join(' ')) }))
    .filter(({ draft }) => atLeast(draft.severity, threshold));
  const within =
    kept.length <= MAX_FINDINGS
      ? kept
      : [...kept].sort((a, b) => byOrigin(a.draft, b.draft) || byWeight(a.draft, b.draft)).slice(0, MAX_FINDINGS);
  return {
    findings: within.map(({ draft, fingerprint }) => toFinding(draft, fingerprint)).sort(byPlace),
    omitted: kept.length - within.length,
  };
}

/** What a repository's own rules find is left out first: a stranger's rule must not push out ours. */
function byOrigin(a: FindingDraft, b: FindingDraft): number {
  return Number(isForeign(a)) - Number(isForeign(b));
}

function isForeign(draft: FindingDraft): boolean {
  return draft.ruleId.startsWith('workspace/');
}

/** Several rules about the same text in the same place are one problem: the weightiest of our own speaks for them. */
function mergePlaces(drafts: readonly FindingDraft[]): FindingDraft[] {
  const byKey = new Map<string, FindingDraft>();
  for (const draft of drafts) {
    const key = [
      isForeign(draft) ? draft.ruleId : draft.kind,
      draft.file,
      draft.at ?? `${draft.startLine}-${draft.endLine}`,
      ...draft.identity,
    ].join('\0');
    const known = byKey.get(key);
    if (known === undefined || byWeight(draft, known) < 0) byKey.set(key, draft);
  }
  return [...byKey.values()];
}

function toFinding({ identity: _, at: __, cwe, help, ...rest }: FindingDraft, fingerprint: string): RawFinding {
  return { ...rest, ...(cwe === undefined ? {} : { cwe }), ...(help === undefined ? {} : { help }), fingerprint };
}
