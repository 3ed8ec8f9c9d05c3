/** From a spec to a plan: every reference resolved, every cycle found, before anything runs. Pure. */
import type { JsonValue } from '../base/json.ts';
import type {
  Plan,
  PlanStep,
  Problem,
  ServerCatalog,
  ServerId,
  WorkflowSpec,
  WorkflowStep,
} from '../contracts/index.ts';
import { findCycle } from '../orchestration/dag/graph.ts';
import { mentionedSteps, occurrences, syntaxError } from './expressions.ts';
import { askingProblems } from './asking-problems.ts';
import type { Locate } from './parse.ts';

/** What planning may know of the servers. A catalog that was never fetched is undefined: its tools are not checked. */
export type KnownServers = ReadonlyMap<ServerId, ServerCatalog | undefined>;

/** The user's own choice of `server.tool` for a step, by step id. */
export type Bindings = Readonly<Record<string, string>>;

const AVAILABLE = ['call', 'route', 'transform'] as const;

/** @returns the plan, or everything that is wrong with the workflow */
export function planWorkflow(
  spec: WorkflowSpec,
  servers: KnownServers,
  locate: Locate,
  bindings: Bindings = {},
): Plan | readonly Problem[] {
  const problems: Problem[] = [];
  const report = (message: string, code: string, path: readonly PropertyKey[], offset = 0): void => {
    problems.push({ severity: 'error', code: `workflow/${code}`, message, range: locate(path, offset) });
  };
  const ids = new Set(spec.steps.map((step) => step.id));
  const steps = spec.steps.map((step) => planStep(step, ids, servers, bindings[step.id], report));
  checkTemplate(spec.outputs, ['outputs'], ids, report);
  const cycle = problems.length > 0 ? undefined : findCycle(steps);
  if (cycle !== undefined) {
    report(`the steps ${cycle.join(' → ')} need each other in a circle`, 'cycle', ['steps', cycle[0] ?? '']);
  }
  if (problems.length > 0) return problems;
  const { name, version, file, digest, inputs, outputs } = spec;
  return { workflow: { name, version, file, digest }, inputs, steps, outputs };
}

export function isPlan(result: Plan | readonly Problem[]): result is Plan {
  return 'workflow' in result;
}

type Report = (message: string, code: string, path: readonly PropertyKey[], offset?: number) => void;

function planStep(
  step: WorkflowStep,
  ids: ReadonlySet<string>,
  servers: KnownServers,
  binding: string | undefined,
  report: Report,
): PlanStep {
  const path = ['steps', step.id];
  if (!AVAILABLE.some((kind) => kind === step.kind)) {
    report(
      `step ${step.id}: \`${step.kind}\` steps are not available yet; \`call\`, \`route\` and \`transform\` are`,
      'unavailable',
      [...path, step.kind],
    );
  }
  for (const [index, need] of step.needs.entries()) {
    if (!ids.has(need)) report(unknownStep(need, ids), 'unknown-step', [...path, 'needs', index]);
  }
  const mentioned = [
    ...checkTemplate(step.with, [...path, 'with'], ids, report),
    ...checkTemplate(step.transform ?? null, [...path, 'transform'], ids, report),
    ...checkTemplate(step.forEach ?? null, [...path, 'forEach'], ids, report),
    ...checkTemplate(step.if ?? null, [...path, 'if'], ids, report),
    ...checkTemplate(step.route?.intent ?? null, [...path, 'route', 'intent'], ids, report),
    ...checkExpression(step.merge?.items, [...path, 'merge', 'items'], ids, report),
    ...checkExpression(step.strategy?.relevant, [...path, 'strategy', 'relevant'], ids, report),
    ...checkExpression(step.strategy?.score, [...path, 'strategy', 'score'], ids, report),
  ];
  for (const { message, at } of askingProblems(step))
    report(`step ${step.id}: ${message}`, 'strategy', [...path, ...at]);
  const wanted = new Set([...step.needs, ...mentioned]);
  const { range: _range, further: _further, ...rest } = step;
  return {
    ...rest,
    call: binding ?? step.call,
    needs: [...ids].filter((id) => wanted.has(id)),
    ...resolveTargets(step, binding, servers, path, report),
  };
}

/** A binding of the user's stands for all the tools that the file names. */
function resolveTargets(
  { call, further = [], fallback }: WorkflowStep,
  binding: string | undefined,
  servers: KnownServers,
  path: readonly PropertyKey[],
  report: Report,
): Pick<PlanStep, 'server' | 'tool' | 'targets'> {
  const called = binding === undefined ? [call, ...further].filter((target) => target !== undefined) : [binding];
  const isList = binding === undefined && further.length > 0;
  const resolved = called.map((target, index) =>
    resolveCall(target, servers, [...path, 'call', ...(isList ? [index] : [])], report),
  );
  const others = (fallback?.to ?? []).map((target) => resolveCall(target, servers, [...path, 'fallback'], report));
  const targets = [...resolved, ...others];
  const [first] = targets;
  if (first === undefined) return {};
  const names = targets.map(({ server, tool }) => `${server}.${tool}`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) report(`${twice} is asked twice`, 'strategy', [...path, 'call']);
  return targets.length === 1 ? first : { ...first, targets };
}

function resolveCall(
  target: string,
  servers: KnownServers,
  path: readonly PropertyKey[],
  report: Report,
): { readonly server: string; readonly tool: string } {
  const dot = target.indexOf('.');
  const server = target.slice(0, dot);
  const tool = target.slice(dot + 1);
  if (!servers.has(server)) {
    report(
      `there is no server "${server}"; there are ${[...servers.keys()].join(', ') || 'none'}`,
      'unknown-server',
      path,
    );
  }
  const catalog = servers.get(server);
  if (catalog !== undefined && !catalog.tools.some((known) => known.name === tool)) {
    const names = catalog.tools.map((known) => known.name).join(', ');
    report(`server "${server}" has no tool "${tool}"; it has ${names || 'none'}`, 'unknown-tool', path);
  }
  return { server, tool };
}

/** An expression that stands without its brackets. */
function checkExpression(
  source: string | undefined,
  path: readonly PropertyKey[],
  ids: ReadonlySet<string>,
  report: Report,
): readonly string[] {
  if (source === undefined) return [];
  return checkExpressions([{ source, offset: 0 }], path, ids, report);
}

/** Reports bad expressions and unknown steps, and returns the ids of the steps that are mentioned. */
function checkTemplate(
  template: JsonValue,
  path: readonly PropertyKey[],
  ids: ReadonlySet<string>,
  report: Report,
): readonly string[] {
  if (typeof template === 'string') return checkText(template, path, ids, report);
  if (typeof template !== 'object' || template === null) return [];
  return Object.entries(template).flatMap(([key, member]) =>
    member === undefined
      ? []
      : checkTemplate(member as JsonValue, [...path, Array.isArray(template) ? Number(key) : key], ids, report),
  );
}

function checkText(
  text: string,
  path: readonly PropertyKey[],
  ids: ReadonlySet<string>,
  report: Report,
): readonly string[] {
  const expressions = path.at(-1) === 'if' && !text.includes('${{') ? [{ source: text, offset: 0 }] : occurrences(text);
  return checkExpressions(expressions, path, ids, report);
}

function checkExpressions(
  expressions: readonly { readonly source: string; readonly offset: number }[],
  path: readonly PropertyKey[],
  ids: ReadonlySet<string>,
  report: Report,
): readonly string[] {
  return expressions.flatMap(({ source, offset }) => {
    const bad = syntaxError(source);
    if (bad !== undefined) {
      report(`not an expression: ${bad.message}`, 'expression', path, offset + bad.position);
      return [];
    }
    const mentioned = mentionedSteps(source);
    for (const id of mentioned.filter((known) => !ids.has(known)))
      report(unknownStep(id, ids), 'unknown-step', path, offset);
    return mentioned.filter((id) => ids.has(id));
  });
}

function unknownStep(id: string, ids: ReadonlySet<string>): string {
  return `there is no step "${id}"; there are ${[...ids].join(', ')}`;
}
