/** Entry of the worker threads that parse and measure source and documentation files. */
import { createSourceAnalyzer } from '../../analysis/code/analyze-source.ts';
import { readDocumentFile } from '../../analysis/docs/read-document.ts';
import { systemClock } from '../../base/clock.ts';
import { answerTasks } from '../kit/worker.ts';
import type { AnalysisOutcome, AnalysisTask } from './tasks.ts';

const analyzeSource = createSourceAnalyzer(import.meta.url, systemClock);

answerTasks<AnalysisTask, AnalysisOutcome>((task) =>
  'language' in task ? analyzeSource(task) : readDocumentFile(task),
);
