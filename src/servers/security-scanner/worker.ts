/** Entry of the worker threads that search files for secrets and dangerous code and read manifests. */
import { createScanner, type ScanOutcome, type ScanTask } from '../../analysis/security/scan-file.ts';
import { systemClock } from '../../base/clock.ts';
import { answerTasks } from '../kit/worker.ts';

answerTasks<ScanTask, ScanOutcome>(createScanner(import.meta.url, systemClock));
