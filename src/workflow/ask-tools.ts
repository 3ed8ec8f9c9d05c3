/** Which tools a step asks, and how: the one it names, several by a strategy, those an intent finds, or one after another. */
import type { Clock } from '../base/clock.ts';
import { ConductorError } from '../base/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../base/json.ts';
import type { Asked, PlanStep, RoutedTool, Router, StepExecutor, StepInput } from '../contracts/index.ts';
import type { Contestant } from '../orchestration/contest.ts';
import { withFallback } from '../orchestration/race.ts';
import { askedOf, askMany, mergeReplies, valueOf } from './ask-many.ts';
import { evaluateTemplate, type Scope } from './expressions.ts';

export interface AskToolsContext {
  readonly step: PlanStep;
  readonly scope: Scope;
  readonly clock: Clock;
  readonly router: Router | undefined;
  readonly onAsked: (asked: readonly Asked[], item: number | undefined) => void;
}

/** @param call - carries out one call to the step's `server` and `tool` */
export async function askTools(call: StepExecutor, context: AskToolsContext, input: StepInput): Promise<JsonValue> {
  const { step, scope, clock } = context;
  const { signal, item } = input;
  const tools = await toolsOf(context, input);
  const contestants = tools.map(
    ({ server, tool, args }): Contestant<JsonValue> => ({
      id: `${server}.${tool}`,
      run: (stop) => call({ ...input, step: { ...step, server, tool }, args, signal: stop }),
    }),
  );
  const [only, ...others] = contestants;
  const onAsked = (asked: readonly Asked[]): void => context.onAsked(withReasons(asked, tools), item);
  const merged = async (source: string, value: JsonValue): Promise<JsonValue> =>
    step.merge === undefined ? value : mergeReplies([{ id: source, value }], step.merge, scope);
  if (only === undefined) throw new ConductorError('INTERNAL', `step ${step.id}: there is nobody to ask`);
  if (step.fallback !== undefined) {
    const { winner, outcomes } = await withFallback(contestants, { clock, signal, afterMs: step.fallback.afterMs });
    onAsked(outcomes.map(askedOf));
    return merged(winner?.id ?? '', valueOf(winner, outcomes));
  }
  if (others.length === 0) {
    if (step.route !== undefined) onAsked([{ target: only.id, status: 'succeeded' }]);
    return merged(only.id, await only.run(signal));
  }
  const strategy = step.strategy ?? { kind: 'all' as const };
  return askMany(contestants, { strategy, merge: step.merge, scope, clock, signal, onAsked });
}

/** The tools with the arguments for each; of a route, those that its intent finds now. */
async function toolsOf({ step, scope, router }: AskToolsContext, input: StepInput): Promise<readonly RoutedTool[]> {
  const args: JsonObject = isJsonObject(input.args) ? input.args : {};
  if (step.route === undefined) {
    const targets = step.targets ?? [{ server: step.server ?? '', tool: step.tool ?? '' }];
    return targets.map((target) => ({ ...target, args, because: [] }));
  }
  if (router === undefined) throw new ConductorError('INTERNAL', `step ${step.id}: there is nothing to route with`);
  const { max, servers } = step.route;
  const intent = String((await evaluateTemplate(step.route.intent, scope)) ?? '');
  const { choices, refused } = await router({ intent, args, max, servers, signal: input.signal });
  if (choices.length > 0) return choices;
  const reasons = refused.length === 0 ? 'no tool speaks of it' : refused.join('; ');
  throw new ConductorError('TOOL_NOT_FOUND', `no tool can ${intent}: ${reasons}`);
}

/** Why a tool was chosen stands beside it, unless there is something worse to say of it. */
function withReasons(asked: readonly Asked[], tools: readonly RoutedTool[]): readonly Asked[] {
  const reasons = new Map(tools.map(({ server, tool, because }) => [`${server}.${tool}`, because.join('; ')]));
  return asked.map((one) => {
    const because = one.because ?? reasons.get(one.target);
    return because === undefined || because === '' ? one : { ...one, because };
  });
}
