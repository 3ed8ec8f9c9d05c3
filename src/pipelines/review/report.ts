/** The review report out of what the steps returned: whatever was found, and why anything is missing. Pure. */
import type { z } from 'zod';
import type { JsonObject } from '../../base/json.ts';
import type {
  Finding,
  Metrics,
  PlanStep,
  ReviewReport,
  ReviewStep,
  RunState,
  Severity,
  SkippedPlace,
  StepState,
} from '../../contracts/index.ts';
import { SEVERITIES } from '../../contracts/index.ts';
import { mergeFindings } from './merge-findings.ts';
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

const NOTHING_RETRIEVED = { files: 0, lines: 0, languages: {} };

/**
 * @param state - of a run that has ended
 * @param values - what the steps returned, by step id
 */
export function reviewReport(state: RunState, values: JsonObject): ReviewReport {
  const problems: string[] = [...stepProblems(state)];
  const read = <T extends z.ZodType>(id: string, shape: T): z.infer<T> | undefined =>
    readValue(state, values, id, shape, problems);
  const retrieved = read('retrieve', listFilesShape);
  const parts = {
    static: read('static', analyzeRepositoryShape),
    security: read('security', scanRepositoryShape),
    dependencies: read('dependencies', scanRepositoryShape),
    documentation: read('documentation', analyzeDocumentationShape),
  };
  const collected = Object.entries(parts).map(([id, part]) => collect(state, id, part));
  problems.push(...collected.flatMap((part) => part.problems), ...skippedProblems(retrieved?.skipped));
  const unique = [...new Set(problems)];
  const found = mergeFindings(collected.flatMap((part) => part.findings));
  const suppressed = found.filter((finding) => finding.suppression !== undefined);
  return {
    version: 1,
    complete: state.status === 'succeeded' && unique.length === 0,
    ...placeOf(state, retrieved),
    runId: state.runId,
    findings: found.filter((finding) => finding.suppression === undefined),
    ...(suppressed.length === 0 ? {} : { suppressed }),
    metrics: metricsOf(parts.static, retrieved),
    partial: parts.static?.partial,
    dependencies: parts.dependencies?.dependencies ?? [],
    documentation: parts.documentation?.documentation ?? null,
    recommendations: read('recommendations', recommendationsShape)?.recommendations ?? [],
    actionItems: read('actions', actionItemsShape)?.actionItems ?? [],
    steps: state.plan.steps.map((step) => reviewStep(step, state.steps.get(step.id))),
    severity: floorOf(state),
    ...blindOf(parts),
    notes: notesOf(Object.values({ retrieved, ...parts })),
    problems: unique,
  };
}

interface Seen {
  readonly static: z.infer<typeof analyzeRepositoryShape> | undefined;
  readonly security: z.infer<typeof scanRepositoryShape> | undefined;
  readonly dependencies: z.infer<typeof scanRepositoryShape> | undefined;
}

function blindOf(parts: Seen): Pick<ReviewReport, 'blind'> {
  const blind = {
    notAnalyzed: parts.static?.notAnalyzed ?? {},
    notScanned: parts.security?.notAnalyzed ?? {},
    notUnderstood: parts.dependencies?.notUnderstood ?? [],
  };
  return Object.values(blind).every((part) => Object.keys(part).length === 0) ? {} : { blind };
}

/** Undefined when everything was asked for. */
function floorOf(state: RunState): Severity | undefined {
  const floor = SEVERITIES.indexOf(state.inputs.severity as Severity);
  return floor > 0 ? SEVERITIES[floor] : undefined;
}

/** What was left out on purpose: several steps pass by the same places. */
function notesOf(parts: readonly ({ readonly skipped: readonly SkippedPlace[] } | undefined)[]): readonly string[] {
  const places = parts.flatMap((part) => part?.skipped ?? []).filter(({ deliberate }) => deliberate === true);
  return [...new Set(places.map(({ file, reason }) => `${file}: ${reason}`))];
}

type Retrieved = z.infer<typeof listFilesShape> | undefined;

function placeOf(state: RunState, retrieved: Retrieved): Pick<ReviewReport, 'root' | 'source'> {
  if (retrieved !== undefined) return { root: retrieved.root, source: retrieved.source };
  const target = String(state.inputs.path ?? state.inputs.url ?? '');
  return { root: target, source: target };
}

/** The analysis counts what it measured; without it there is still what was retrieved. */
function metricsOf(analysis: z.infer<typeof analyzeRepositoryShape> | undefined, retrieved: Retrieved): Metrics {
  if (analysis?.metrics !== undefined) return analysis.metrics;
  return { ...(retrieved?.totals ?? NOTHING_RETRIEVED), functions: [] };
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

interface Part {
  readonly findings: readonly unknown[];
  readonly skipped: readonly SkippedPlace[];
}

/** The findings at or over the severity that was asked for: a server of somebody else's need not know of it. */
function collect(state: RunState, id: string, part: Part | undefined): Collected {
  const step = state.steps.get(id);
  const least = SEVERITIES.indexOf(state.inputs.severity as Severity);
  const findings: Finding[] = [];
  let bad = 0;
  for (const item of part?.findings ?? []) {
    const parsed = findingShape.safeParse(item);
    if (!parsed.success) bad += 1;
    else if (SEVERITIES.indexOf(parsed.data.severity) >= least) {
      findings.push({ ...parsed.data, server: step?.server ?? '', tool: step?.tool ?? '' });
    }
  }
  const problems = bad === 0 ? [] : [`${label(state, id)}: ${bad} findings could not be read`];
  return { findings, problems: [...problems, ...skippedProblems(part?.skipped)] };
}

function skippedProblems(skipped: readonly SkippedPlace[] = []): readonly string[] {
  return skipped.filter(({ deliberate }) => deliberate !== true).map(({ file, reason }) => `${file}: ${reason}`);
}
