/** The other side of the worker pool: takes tasks one by one and answers each. */
import { parentPort } from 'node:worker_threads';
import { isConductorError, messageOf } from '../../base/errors.ts';
import type { WorkerAnswer } from './worker-pool.ts';

/** Called once by a worker's entry file. */
export function answerTasks<Task, Result>(handle: (task: Task) => Promise<Result>): void {
  const port = parentPort;
  if (port === null) throw new Error('this file is the entry of a worker thread; start main instead');
  port.on('message', (task: Task) => {
    const answer = handle(task).then(
      (result): WorkerAnswer<Result> => ({ ok: true, result }),
      // What nobody expected may have left the thread broken (a fault in WebAssembly does): it is not used again.
      (error: unknown): WorkerAnswer<Result> => ({
        ok: false,
        message: messageOf(error),
        fatal: !isConductorError(error),
      }),
    );
    answer
      .then((value) => port.postMessage(value))
      .catch((error: unknown) => {
        port.postMessage({ ok: false, message: `the answer cannot be sent: ${messageOf(error)}`, fatal: false });
      });
  });
}
