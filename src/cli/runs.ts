/** `mcp-conductor runs`: the runs that this folder remembers. */
import type { App, RunSummary } from '../contracts/index.ts';
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts';
import { runJson, runsTable, runText, stepsTable } from './run-text.ts';
import { type CommonOptions, withApp } from './session.ts';
import { oneLine } from './terminal.ts';

export async function runsListCommand(options: CommonOptions): Promise<ExitCode> {
  return withApp(process.cwd(), options, async (app) => {
    const runs = await app.runs.list();
    process.stdout.write(options.json === true ? listJson(runs) : `${runsTable(runs)}\n`);
    return EXIT.done;
  });
}

export async function runsShowCommand(id: string, options: CommonOptions): Promise<ExitCode> {
  return withApp(process.cwd(), options, async (app) => {
    const { state, damage } = await find(app, id);
    const outputs = await app.runs.outputs(state);
    if (damage !== undefined) process.stderr.write(`The journal of ${state.runId} is damaged: ${oneLine(damage)}\n`);
    process.stdout.write(
      options.json === true
        ? runJson(state, outputs)
        : `${oneLine(state.title)}: ${state.status}\n\n${stepsTable(state)}\n\n${runText(state, outputs)}`,
    );
    return EXIT.done;
  });
}

/** By its id, or by a beginning of it that only one has. */
async function find(app: App, id: string): Promise<RunSummary> {
  const runs = await app.runs.list();
  const found = runs.filter(({ runId }) => runId.startsWith(id));
  const exact = found.find(({ runId }) => runId === id) ?? (found.length === 1 ? found[0] : undefined);
  if (exact !== undefined) return exact;
  throw new UsageError(
    found.length > 1 ? `several runs begin with ${id}` : `there is no run ${id}; \`runs list\` shows what there is`,
  );
}

function listJson(runs: readonly RunSummary[]): string {
  const shape = runs.map(({ runId, state, damage }) => ({
    runId,
    title: state.title,
    workflow: state.plan.workflow.name,
    status: state.status,
    startedAt: new Date(state.createdAt).toISOString(),
    ...(state.endedAt === undefined ? {} : { durationMs: state.endedAt - state.createdAt }),
    ...(damage === undefined ? {} : { damage }),
  }));
  return `${JSON.stringify({ version: 1, runs: shape }, null, 2)}\n`;
}
