/** Reads a workflow file: a spec, or every problem in it with line and column. Pure. */
import { createHash } from 'node:crypto';
import { LineCounter, isMap, isNode, isPair, parseDocument, type Document, type Node } from 'yaml';
import type { ZodError } from 'zod';
import type { JsonObject } from '../base/json.ts';
import type { Problem, RetryWish, SourceRange, StrategySpec, WorkflowSpec, WorkflowStep } from '../contracts/index.ts';
import { kindsOf, type StepDocument, workflowSchema, type WorkflowDocument } from './schema.ts';

/** A parsed file with the means to say where something stands in it. */
export interface ParsedWorkflow {
  readonly spec: WorkflowSpec | undefined;
  readonly problems: readonly Problem[];
  readonly locate: Locate;
}

/** The range of the value at a path like `['steps', 'search', 'with']`; of its nearest ancestor if it is not there. */
export type Locate = (path: readonly PropertyKey[], offset?: number) => SourceRange;

/** @param file - shown in problems, never opened */
export function parseWorkflow(text: string, file: string): ParsedWorkflow {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const locate = locator(document, lines, file);
  const syntax = [...document.errors, ...document.warnings].map((error): Problem => {
    const start = lines.linePos(error.pos[0]);
    return {
      severity: 'error',
      code: 'workflow/yaml',
      message: error.message,
      range: { file, line: start.line, column: start.col },
    };
  });
  if (document.errors.length > 0) return { spec: undefined, problems: syntax, locate };
  const parsed = workflowSchema.safeParse(document.toJS({ maxAliasCount: 100 }));
  if (!parsed.success)
    return { spec: undefined, problems: [...syntax, ...schemaProblems(parsed.error, locate)], locate };
  const digest = createHash('sha256').update(text).digest('hex');
  return { spec: specOf(parsed.data, file, digest, locate), problems: syntax, locate };
}

function schemaProblems(error: ZodError, locate: Locate): readonly Problem[] {
  return error.issues.map((issue) => ({
    severity: 'error',
    code: 'workflow/schema',
    message: `${issue.path.length === 0 ? 'the file' : issue.path.map(String).join('.')}: ${issue.message}`,
    range: locate(issue.path),
  }));
}

function specOf(document: WorkflowDocument, file: string, digest: string, locate: Locate): WorkflowSpec {
  const inputs = Object.entries(document.inputs ?? {}).map(([name, input]) => [
    name,
    { ...input, required: input.required ?? input.default === undefined },
  ]);
  return {
    name: document.name,
    version: document.version,
    description: document.description,
    inputs: Object.fromEntries(inputs),
    steps: Object.entries(document.steps).map(([id, step]) => stepOf(id, step, locate(['steps', id]))),
    outputs: (document.outputs ?? {}) as JsonObject,
    file,
    digest,
  };
}

function stepOf(id: string, step: StepDocument, range: SourceRange): WorkflowStep {
  return {
    id,
    name: step.name,
    kind: kindsOf(step)[0] ?? 'call',
    ...callOf(step.call),
    ...(step.route === undefined ? {} : { route: step.route }),
    ...(step.strategy === undefined ? {} : { strategy: strategyOf(step.strategy) }),
    ...(step.merge === undefined ? {} : { merge: step.merge }),
    ...(step.fallback === undefined ? {} : { fallback: fallbackOf(step.fallback) }),
    transform: step.transform,
    with: step.with ?? {},
    needs: step.needs ?? [],
    if: step.if,
    forEach: step.forEach,
    concurrency: step.concurrency,
    timeoutMs: step.timeout,
    ...(step.retry === undefined ? {} : { retry: retryOf(step.retry) }),
    onError: step.onError ?? 'fail',
    range,
  };
}

function callOf(written: StepDocument['call']): Pick<WorkflowStep, 'call' | 'further'> {
  if (written === undefined || typeof written === 'string') return { call: written };
  const [call, ...further] = written;
  return { call, further };
}

function strategyOf(written: NonNullable<StepDocument['strategy']>): StrategySpec {
  const { deadline, after, ...rest }: StrategyFields = written;
  return { ...rest, deadlineMs: deadline, afterMs: after };
}

type StrategyFields = Extract<NonNullable<StepDocument['strategy']>, { readonly deadline?: unknown }>;

function fallbackOf(written: NonNullable<StepDocument['fallback']>): WorkflowStep['fallback'] {
  if (typeof written === 'string') return { to: [written] };
  if (Array.isArray(written)) return { to: written };
  return { to: typeof written.to === 'string' ? [written.to] : written.to, afterMs: written.after };
}

function retryOf(written: NonNullable<StepDocument['retry']>): RetryWish {
  if (typeof written === 'number') return { retries: written };
  const { retries, base, factor, maxWait } = written;
  return { retries, baseMs: base, factor, maxWaitMs: maxWait };
}

function locator(document: Document, lines: LineCounter, file: string): Locate {
  return (path, offset = 0) => {
    const node = nearestNode(document, path);
    const [start, end] = node?.range ?? [0, 0];
    const quoted =
      node !== undefined && 'type' in node && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE') ? 1 : 0;
    const from = lines.linePos(offset === 0 ? start : start + quoted + offset);
    const to = lines.linePos(end);
    return {
      file,
      line: Math.max(1, from.line),
      column: Math.max(1, from.col),
      endLine: Math.max(1, to.line),
      endColumn: Math.max(1, to.col),
    };
  };
}

function nearestNode(document: Document, path: readonly PropertyKey[]): Node | undefined {
  let nearest: Node | undefined = document.contents ?? undefined;
  for (let length = 1; length <= path.length; length += 1) {
    const next = document.getIn(path.slice(0, length), true);
    if (!isNode(next)) return keyNode(nearest, path[length - 1]) ?? nearest;
    nearest = next;
  }
  return nearest;
}

/** An unknown key has no value worth pointing at: point at the key. */
function keyNode(parent: Node | undefined, key: PropertyKey | undefined): Node | undefined {
  if (!isMap(parent)) return undefined;
  const pair = parent.items.find((item) => isPair(item) && isNode(item.key) && String(item.key) === String(key));
  return isNode(pair?.key) ? pair.key : undefined;
}
