/** What does not go together in a step that asks several tools. Pure. */
import type { StrategySpec, WorkflowStep } from '../contracts/index.ts';

export interface AskingProblem {
  readonly message: string;
  /** Within the step. */
  readonly at: readonly string[];
}

/** The strategies that each option is for. */
const OPTIONS: Readonly<Partial<Record<keyof StrategySpec, readonly StrategySpec['kind'][]>>> = {
  size: ['quorum'],
  least: ['all'],
  afterMs: ['hedge'],
  score: ['best'],
  goodEnough: ['best'],
  relevant: ['quorum'],
};
const WRITTEN: Readonly<Partial<Record<keyof StrategySpec, string>>> = { afterMs: 'after' };

export function askingProblems({
  kind,
  further = [],
  route,
  strategy,
  merge,
  fallback,
}: WorkflowStep): readonly AskingProblem[] {
  const problems: AskingProblem[] = [];
  const isAsking = kind === 'call' || kind === 'route';
  for (const [key, value] of Object.entries({ strategy, merge, fallback })) {
    if (value !== undefined && !isAsking)
      problems.push({ message: `\`${key}\` goes with \`call\` and \`route\``, at: [key] });
  }
  if (strategy === undefined) return [...problems, ...fallbackProblems(further.length, route, fallback)];
  if (further.length === 0 && (route?.max ?? 1) === 1) {
    problems.push({
      message: 'a strategy is for several tools: give `call` a list, or `route` a `max` over 1',
      at: ['strategy'],
    });
  }
  if (fallback !== undefined) {
    problems.push({ message: '`fallback` asks one after another and goes with no strategy', at: ['fallback'] });
  }
  if (merge !== undefined && strategy.kind !== 'all' && strategy.kind !== 'quorum') {
    problems.push({ message: `\`merge\` goes with all and quorum; ${strategy.kind} gives one answer`, at: ['merge'] });
  }
  return [...problems, ...optionProblems(strategy)];
}

function fallbackProblems(
  further: number,
  route: WorkflowStep['route'],
  fallback: WorkflowStep['fallback'],
): readonly AskingProblem[] {
  if (fallback === undefined || (further === 0 && route === undefined)) return [];
  return [{ message: '`fallback` goes with one `call`', at: ['fallback'] }];
}

function optionProblems(strategy: StrategySpec): readonly AskingProblem[] {
  const options = Object.entries(OPTIONS) as [keyof StrategySpec, readonly string[]][];
  return options.flatMap(([option, kinds]): readonly AskingProblem[] => {
    if (strategy[option] === undefined || kinds.includes(strategy.kind)) return [];
    const name = WRITTEN[option] ?? option;
    return [
      { message: `\`${name}\` goes with ${kinds.join(', ')}, not with ${strategy.kind}`, at: ['strategy', name] },
    ];
  });
}
