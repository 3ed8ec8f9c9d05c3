/** All secrets of one text: every detector, the strongest per place, rated by where the file stands. */
import { createHash } from 'node:crypto';
import type { Severity } from '../../../contracts/index.ts';
import { type FindingDraft, LineIndex, lowered, severityRank } from '../findings.ts';
import { findAssignments } from './assignments.ts';
import { findInCalls } from './call-credentials.ts';
import { findInCredentialFiles } from './credential-files.ts';
import type { SecretDetection } from './detection.ts';
import { isMachineWritten, isRehearsal, isTranslation, textFlavour } from './file-flavour.ts';
import { judge } from './judge.ts';
import type { KeyCategory } from './key-names.ts';
import { masked } from './mask.ts';
import { findWithSecretlint } from './secretlint.ts';
import { findPasswordHashes } from './password-hashes.ts';
import { findPrivateKeys } from './private-keys.ts';
import { findJsonWebTokens, findTokens } from './token-formats.ts';
import { findUrlCredentials } from './url-credentials.ts';

const TITLES: Readonly<Record<KeyCategory, string>> = {
  password: 'hard-coded password',
  secret: 'hard-coded secret',
  token: 'hard-coded token',
  key: 'hard-coded key',
  weak: 'value that looks like a key',
};

/** More findings than this in one file is a data file; the rest of it says nothing new. */
const MAX_PER_FILE = 200;

/** @param file relative to the root; says how values are written in it and how much they weigh. */
export async function scanSecrets(file: string, text: string): Promise<readonly FindingDraft[]> {
  const tokens = [...findTokens(text)];
  // Where both know a token, ours has looked closer.
  const others = (await findWithSecretlint(file, text)).filter(
    (other) => !tokens.some((token) => overlap(token, other)),
  );
  const detections: SecretDetection[] = [...tokens, ...others];
  if (!isMachineWritten(file)) {
    detections.push(...findPrivateKeys(text), ...findJsonWebTokens(text), ...findUrlCredentials(text));
    detections.push(...findPasswordHashes(text), ...findInCredentialFiles(file, text));
    if (!isTranslation(file)) detections.push(...assigned(file, text), ...findInCalls(text));
  }
  const lines = new LineIndex(text);
  return strongestPerPlace(detections)
    .slice(0, MAX_PER_FILE)
    .map((detection) => toDraft(file, detection, lines));
}

function* assigned(file: string, text: string): Generator<SecretDetection> {
  const flavour = textFlavour(file, text);
  for (const assignment of findAssignments(text, flavour)) {
    const verdict = judge(assignment);
    // Bare words after a colon are what prose is made of.
    if (verdict === undefined || (flavour === 'prose' && !assignment.quoted && verdict.confidence !== 'high')) continue;
    const { name, category, value, start, end } = assignment;
    const isDocumented = flavour === 'code' && isInDocComment(text, start);
    yield {
      rule: category === 'weak' ? 'key-like' : category,
      title: TITLES[category],
      severity: isDocumented ? 'low' : verdict.severity,
      confidence: isDocumented ? 'low' : verdict.confidence,
      start,
      end,
      value,
      name,
      isKnownFormat: false,
    };
  }
}

function overlap(a: SecretDetection, b: SecretDetection): boolean {
  return a.start < b.end && b.start < a.end;
}

/** ` * password: 'x'`: an example in the documentation of a function. */
function isInDocComment(text: string, at: number): boolean {
  const near = text.slice(Math.max(0, at - 300), at);
  const line = near.slice(near.lastIndexOf('\n') + 1);
  return /^\s*(?:\*\s|\/\/\/)/.test(line);
}

/** Of detections that overlap only the most telling one stays: known format, then severity, then the longer. */
function strongestPerPlace(detections: readonly SecretDetection[]): readonly SecretDetection[] {
  const ranked = [...detections].sort(
    (a, b) =>
      Number(b.isKnownFormat) - Number(a.isKnownFormat) ||
      severityRank(b.severity) - severityRank(a.severity) ||
      b.end - b.start - (a.end - a.start) ||
      a.start - b.start ||
      (a.rule < b.rule ? -1 : 1),
  );
  const kept: SecretDetection[] = [];
  const taken = new IntervalSet();
  for (const detection of ranked) {
    if (taken.add(detection.start, detection.end)) kept.push(detection);
  }
  return kept.sort((a, b) => a.start - b.start);
}

/** Disjoint intervals, kept in order of their start. */
class IntervalSet {
  readonly #intervals: (readonly [number, number])[] = [];

  /** @returns false, changing nothing, when the interval touches one already in the set. */
  add(start: number, end: number): boolean {
    let low = 0;
    let high = this.#intervals.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#intervals[middle]?.[0] ?? 0) < start) low = middle + 1;
      else high = middle;
    }
    const before = this.#intervals[low - 1];
    const after = this.#intervals[low];
    if ((before !== undefined && before[1] > start) || (after !== undefined && after[0] < end)) return false;
    this.#intervals.splice(low, 0, [start, end]);
    return true;
  }
}

function toDraft(file: string, detection: SecretDetection, lines: LineIndex): FindingDraft {
  const name = detection.name === undefined ? '' : ` in \`${detection.name}\``;
  const title = detection.title.slice(0, 1).toUpperCase() + detection.title.slice(1);
  return {
    ruleId: `secret/${detection.rule}`,
    kind: 'secret',
    severity: severityIn(file, detection),
    confidence: isRehearsal(file) && !detection.isKnownFormat ? 'low' : detection.confidence,
    message: `${title}${name}: ${masked(detection.value)}. Whoever can read this file can use it.`,
    file,
    startLine: lines.lineAt(detection.start),
    endLine: lines.lineAt(Math.max(detection.start, detection.end - 1)),
    cwe: detection.rule === 'private-key' ? 'CWE-321' : 'CWE-798',
    help: 'Revoke it, read it from the environment or a secret store, and remove it from the history.',
    identity: [detection.name ?? detection.title, traceOf(detection.value)],
    at: detection.start,
  };
}

/** Eight bits of a value: they tell most of two values apart, and nobody can check a guess against so little. */
function traceOf(value: string): string {
  return createHash('sha256').update(value).digest('hex').slice(0, 2);
}

/** Tests and examples hold made-up values: they stay visible, but only a known format is worth interrupting for. */
function severityIn(file: string, detection: SecretDetection): Severity {
  if (!isRehearsal(file) && !isMachineWritten(file)) return detection.severity;
  return detection.isKnownFormat ? lowered(detection.severity, 1) : 'low';
}
