/** What the main thread asks of its workers, and the answers by kind of task. */
import type { SourceOutcome, SourceTask } from '../../analysis/code/analyze-source.ts';
import type { DocumentOutcome, DocumentTask } from '../../analysis/docs/analyze-documentation.ts';
import { ConductorError } from '../../base/errors.ts';
import type { WorkerPool } from '../kit/worker-pool.ts';

export type AnalysisTask = SourceTask | DocumentTask;
export type AnalysisOutcome = SourceOutcome | DocumentOutcome;
export type AnalysisPool = WorkerPool<AnalysisTask, AnalysisOutcome>;

export async function analyzeInWorker(
  pool: AnalysisPool,
  task: SourceTask,
  signal: AbortSignal,
): Promise<SourceOutcome> {
  const outcome = await pool.run(task, signal);
  if (outcome.kind === 'document' || outcome.kind === 'not-text') throw mixedUp();
  return outcome;
}

export async function readInWorker(
  pool: AnalysisPool,
  task: DocumentTask,
  signal: AbortSignal,
): Promise<DocumentOutcome> {
  const outcome = await pool.run(task, signal);
  if (outcome.kind === 'facts' || outcome.kind === 'not-source') throw mixedUp();
  return outcome;
}

function mixedUp(): ConductorError {
  return new ConductorError('INTERNAL', 'a worker answered a task of another kind');
}
