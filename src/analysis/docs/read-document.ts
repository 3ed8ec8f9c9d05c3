/** One documentation file from disk to facts; what a worker does with each task. */
import { readText } from '../read.ts';
import type { DocumentOutcome, DocumentTask } from './analyze-documentation.ts';
import { readDocument } from './markdown-facts.ts';

export async function readDocumentFile(task: DocumentTask): Promise<DocumentOutcome> {
  const read = await readText(task.absolute);
  if (read.kind === 'skipped') return read;
  if (read.kind === 'binary') return { kind: 'not-text' };
  return { kind: 'document', facts: readDocument(read.text, task.plain) };
}
