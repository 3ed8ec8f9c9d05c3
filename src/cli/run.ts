/** `mcp-conductor run`: runs a workflow file, or with `--dry-run` says what it would do. */
import { readFile } from 'node:fs/promises';
import { isConductorError, messageOf } from '../base/errors.ts';
import type { JsonObject, JsonValue } from '../base/json.ts';
import type { App, Plan, Problem, WorkflowSource } from '../contracts/index.ts';
import { PARKED_HINT } from './approvals.ts';
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts';
import { exitCodeOfRun, followRun, hasParkedStep } from './follow-run.ts';
import { runJson, runText } from './run-text.ts';
import { type CommonOptions, problemLine, withApp } from './session.ts';
import { columns, oneLine } from './terminal.ts';

export interface RunCommandOptions extends CommonOptions {
  /** `name=value`, as they were given. */
  readonly input: readonly string[];
  readonly dryRun?: boolean | undefined;
}

export async function runCommand(file: string, options: RunCommandOptions): Promise<ExitCode> {
  const source = await readSource(file);
  return withApp(process.cwd(), options, async (app, signal) => {
    const plan = planOf(app, source);
    const inputs = readInputs(plan, options.input);
    if (options.dryRun === true) {
      process.stdout.write(
        options.json === true ? `${JSON.stringify({ version: 1, plan }, null, 2)}\n` : planText(plan),
      );
      return EXIT.done;
    }
    const handle = await app.runWorkflow(source, inputs);
    const state = await followRun(app, handle, handle.ended, signal);
    const outputs = await app.runs.outputs(state);
    process.stdout.write(options.json === true ? runJson(state, outputs) : runText(state, outputs));
    if (hasParkedStep(state)) process.stderr.write(`${PARKED_HINT}\n`);
    return exitCodeOfRun(state);
  });
}

async function readSource(file: string): Promise<WorkflowSource> {
  try {
    return { text: await readFile(file, 'utf8'), file };
  } catch (error) {
    throw new UsageError(`${file}: ${messageOf(error)}`);
  }
}

/** Each problem on a line of its own, where an editor finds it. */
function planOf(app: App, source: WorkflowSource): Plan {
  try {
    return app.plan(source);
  } catch (error) {
    const problems = isConductorError(error) ? error.details.problems : undefined;
    if (!Array.isArray(problems)) throw error;
    for (const problem of problems as readonly Problem[]) process.stderr.write(`${problemLine(problem)}\n`);
    throw new UsageError(`${source.file} cannot run`);
  }
}

/** What is text stays as it is typed; everything else is JSON. */
function readInputs(plan: Plan, given: readonly string[]): JsonObject {
  const inputs = new Map<string, JsonValue>();
  for (const one of given) {
    const at = one.indexOf('=');
    if (at < 1) throw new UsageError(`--input ${one}: write name=value`);
    const name = one.slice(0, at);
    const text = one.slice(at + 1);
    inputs.set(name, plan.inputs[name]?.type === 'string' ? text : jsonOrText(text));
  }
  return Object.fromEntries(inputs);
}

function jsonOrText(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}

function planText({ workflow, steps, inputs }: Plan): string {
  const rows = steps.map(({ id, kind, call, needs, forEach, if: condition }) => [
    id,
    kind,
    call ?? '',
    needs.join(', ') || '–',
    [condition === undefined ? '' : 'if', forEach === undefined ? '' : 'for each']
      .filter((part) => part !== '')
      .join(', '),
  ]);
  const wanted = Object.entries(inputs).map(
    ([name, input]) => `${name} (${input.type}${input.required ? '' : `, ${JSON.stringify(input.default ?? null)}`})`,
  );
  return `${[
    `${oneLine(workflow.name)}: ${steps.length} steps. Nothing was called.`,
    ...(wanted.length === 0 ? [] : [`Inputs: ${oneLine(wanted.join(', '))}`]),
    '',
    oneLines(columns([['STEP', 'KIND', 'CALLS', 'NEEDS', ''], ...rows])),
  ].join('\n')}\n`;
}

function oneLines(table: string): string {
  return table
    .split('\n')
    .map((line) => oneLine(line).trimEnd())
    .join('\n');
}
