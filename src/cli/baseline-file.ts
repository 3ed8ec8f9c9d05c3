/** The file of the baseline: found, read and written. */
import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { messageOf } from '../base/errors.ts';
import { writeWholeFile } from '../node/whole-file.ts';
import { BASELINE_FILE, type Baseline, parseBaseline } from '../pipelines/review/baseline.ts';
import { UsageError } from './exit-codes.ts';

const MAX_BYTES = 64 * 1024 * 1024;

export interface BaselineFile {
  readonly path: string;
  /** As reports name it: relative to the repository when it is in it. */
  readonly shown: string;
}

/** The one that is named, or the repository's own. */
export function baselineFile(root: string, named: string | undefined): BaselineFile {
  const path = named === undefined ? join(root, ...BASELINE_FILE.split('/')) : resolve(named);
  const within = relative(root, path);
  const isWithin = within !== '' && !within.startsWith('..') && !isAbsolute(within);
  return { path, shown: isWithin ? within.split(sep).join('/') : path };
}

/**
 * Undefined when it is not there and `isNamed` is false.
 * @throws UsageError when it cannot be read, or is no baseline
 */
export async function readBaseline({ path, shown }: BaselineFile, isNamed: boolean): Promise<Baseline | undefined> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) throw new RangeError(`it is larger than ${MAX_BYTES / 1024 / 1024} MB`);
    return parseBaseline(await readFile(path, 'utf8'));
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (isMissing && !isNamed) return undefined;
    const reason = isMissing ? 'there is no such file' : messageOf(error);
    throw new UsageError(`the baseline ${shown}: ${reason}; --update-baseline writes it anew`);
  }
}

/** @throws UsageError when it cannot be written */
export async function writeBaseline({ path, shown }: BaselineFile, text: string): Promise<void> {
  try {
    await writeWholeFile(path, text);
  } catch (error) {
    throw new UsageError(`the baseline ${shown} cannot be written: ${messageOf(error)}`);
  }
}
