/** The review report out of what the steps returned: whatever was found, and why anything is missing. Pure. */
import type { z } from 'zod';
import type { JsonObject } from '../../base/json.ts';
import type {
  Finding,
  PlanStep,
  ReviewReport,
  ReviewStep,
  RunState,
  SkippedPlace,
  StepState,
} from '../../contracts/index.ts';
import { SEVERITIES } from '../../contracts/index.ts';
import {
  actionItemsShape,
  analyzeDocumentationShape,
  analyzeRepositoryShape,
  findingShape,
  listFilesShape,
  recommendationsShape,
  scanRepositoryShape,
} from './shapes.ts';

/** What a step returned that the report has a place for. */
interface Collected {
  readonly findings: readonly Finding[];
  readonly problems: readonly string[];
}

/**
 * @param state - of a run that has ended
 * @param values - what the steps returned, by step id
 */
export function reviewReport(state: RunState, values: JsonObject): ReviewReport {
  const problems: string[] = [...stepProblems(state)];
  const read = <T extends z.ZodType>(id: string, shape: T): z.infer<T> | undefined =>
    readValue(state, values, id, shape, problems);
  const retrieved = read('retrieve', listFilesShape);
  const analysis = read('static', analyzeRepositoryShape);
  const security = read('security', scanRepositoryShape);
  const dependencies = read('dependencies', scanRepositoryShape);
  const documentation = read('documentation', analyzeDocumentationShape);
  const sources = { static: analysis, security, dependencies, documentation };
  const collected = Object.entries(sources).map(([id, result]) =>
    collect(state, id, result?.findings ?? [], result?.skipped ?? []),
  );
  problems.push(...collected.flatMap((part) => part.problems), ...skippedProblems(retrieved?.skipped ?? []));
  const target = state.inputs.path ?? state.inputs.url ?? '';
  const unique = [...new Set(problems)];
  return {
    version: 1,
    complete: state.status === 'succeeded' && unique.length === 0,
    root: retrieved?.root ?? String(target),
    source: retrieved?.source ?? String(target),
    runId: state.runId,
    findings: mergeFindings(collected.flatMap((part) => part.findings)),
    metrics: analysis?.metrics ?? { ...(retrieved?.totals ?? { files: 0, lines: 0, languages: {} }), functions: [] },
    dependencies: dependencies?.dependencies ?? [],
    documentation: documentation?.documentation ?? null,
    recommendations: read('recommendations', recommendationsShape)?.recommendations ?? [],
    actionItems: read('actions', actionItemsShape)?.actionItems ?? [],
    steps: state.plan.steps.map((step) => reviewStep(step, state.steps.get(step.id))),
    problems: unique,
  };
}

function readValue<T extends z.ZodType>(
  state: RunState,
  values: JsonObject,
  id: string,
  shape: T,
  problems: string[],
): z.infer<T> | undefined {
  const value = values[id];
  if (value === undefined) return undefined;
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  problems.push(
    `${label(state, id)}: the result is not what a review can use: ${issue?.path.map(String).join('.') || 'it'}: ${issue?.message ?? ''}`,
  );
  return undefined;
}

function label(state: RunState, id: string): string {
  const step = state.steps.get(id);
  const name = state.plan.steps.find((candidate) => candidate.id === id)?.name ?? id;
  return step?.server === undefined ? name : `${name} (${step.server}.${step.tool ?? ''})`;
}

/** What failed, and not what was skipped because of it; a skipped step is named when nothing else explains it. */
function stepProblems(state: RunState): readonly string[] {
  const lost = [...state.steps.values()].filter((step) => errorOf(step) !== undefined);
  const causes = lost.filter((step) => step.status !== 'skipped');
  return (causes.length > 0 ? causes : lost).map((step) => `${label(state, step.id)}: ${errorOf(step)}`);
}

function errorOf(step: StepState): string | undefined {
  switch (step.status) {
    case 'failed':
      return step.error?.message ?? 'failed';
    case 'skipped':
      return `skipped: ${step.reason ?? ''}`;
    case 'cancelled':
      return 'cancelled';
    case 'pending':
    case 'running':
      return 'did not end';
    case 'succeeded':
      return undefined;
  }
}

function reviewStep(step: PlanStep, state: StepState | undefined): ReviewStep {
  const status =
    state?.status === 'pending' || state?.status === 'running' ? 'cancelled' : (state?.status ?? 'skipped');
  return {
    id: step.id,
    status,
    durationMs: state?.startedAt === undefined || state.endedAt === undefined ? 0 : state.endedAt - state.startedAt,
    server: step.server,
    tool: step.tool,
    error: state === undefined ? undefined : errorOf(state),
  };
}

function collect(state: RunState, id: string, raw: readonly unknown[], skipped: readonly SkippedPlace[]): Collected {
  const step = state.steps.get(id);
  const findings: Finding[] = [];
  let bad = 0;
  for (const item of raw) {
    const parsed = findingShape.safeParse(item);
    if (parsed.success) findings.push({ ...parsed.data, server: step?.server ?? '', tool: step?.tool ?? '' });
    else bad += 1;
  }
  const problems = bad === 0 ? [] : [`${label(state, id)}: ${bad} findings could not be read`];
  return { findings, problems: [...problems, ...skippedProblems(skipped)] };
}

function skippedProblems(skipped: readonly SkippedPlace[]): readonly string[] {
  return skipped.map(({ file, reason }) => `${file}: ${reason}`);
}

/** Worst first, then by place and rule; a finding that two steps report stands once. */
function mergeFindings(findings: readonly Finding[]): readonly Finding[] {
  const byFingerprint = new Map(findings.map((finding) => [`${finding.fingerprint} ${finding.startLine}`, finding]));
  return [...byFingerprint.values()].sort(compareFindings);
}

function compareFindings(a: Finding, b: Finding): number {
  return (
    SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) ||
    compareText(a.file, b.file) ||
    a.startLine - b.startLine ||
    compareText(a.ruleId, b.ruleId) ||
    compareText(a.fingerprint, b.fingerprint)
  );
}

/** By code unit: the same order on every machine, whatever its locale. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
