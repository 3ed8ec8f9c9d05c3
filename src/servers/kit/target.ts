/** What a call is about: a folder inside the roots, or a repository that is cloned first. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { confineFolder, confinePath } from '../../analysis/confine.ts';
import { cloneRepository } from '../../analysis/clone.ts';
import { systemClock } from '../../base/clock.ts';
import { type Disposable, disposable } from '../../base/disposables.ts';
import { ConductorError } from '../../base/errors.ts';
import type { ServerOptions } from './options.ts';
import type { ReportProgress } from './progress.ts';
import type { ToolCallContext } from './tools.ts';

/** The input fields every tool that reads a repository has. */
export const targetFields = {
  path: z
    .string()
    .min(1)
    .max(4_096)
    .optional()
    .describe('Folder to read, inside the roots the server was started with'),
  url: z
    .string()
    .min(1)
    .max(2_000)
    .optional()
    .describe('Git repository to clone (shallow) and read instead of a folder'),
  branch: z.string().min(1).max(250).optional().describe('Branch to clone; only with url'),
};

export interface TargetInput {
  readonly path?: string | undefined;
  readonly url?: string | undefined;
  readonly branch?: string | undefined;
}

export interface Target {
  /** Real, absolute path of what is looked at. */
  readonly root: string;
  /** The folder whose ignore files count from: the root the server was given, or the clone. */
  readonly top: string;
  /** As a person would name it: the path or the URL, without credentials. */
  readonly source: string;
  readonly branch?: string | undefined;
  readonly commit?: string | undefined;
}

/** Milliseconds between two signs of life. */
const HEARTBEAT_MS = 2_000;

/**
 * Resolves the target of a call; without `path` and `url` it is the first root.
 * @throws ConductorError VALIDATION_FAILED for both or a wrong one, and whatever `cloneRepository` throws.
 */
export async function resolveTarget(
  input: TargetInput,
  options: ServerOptions,
  { signal, progress }: ToolCallContext,
): Promise<Target> {
  if (input.url !== undefined && input.path !== undefined) {
    throw new ConductorError('VALIDATION_FAILED', 'give either path or url, not both');
  }
  if (input.url !== undefined) {
    const beat = heartbeat(progress);
    try {
      return await cloneTarget(input.url, input.branch, options, signal);
    } finally {
      beat.dispose();
    }
  }
  if (input.branch !== undefined) {
    throw new ConductorError('VALIDATION_FAILED', 'branch goes with url; a path is read as it stands on disk');
  }
  // Clones are read by path too: the next step of a review is given the folder the first one cloned to.
  const roots = options.clones === undefined ? options.roots : [...options.roots, options.clones];
  const requested = input.path ?? '.';
  const confined = await confineFolder(requested, roots);
  return { root: confined.path, top: confined.root, source: confined.path, ...(await readHead(confined.path)) };
}

/** A clone may take minutes in which nothing can be counted: what is reported only says that it goes on. */
function heartbeat(progress: ReportProgress): Disposable {
  let beats = 0;
  let next: Disposable;
  const beat = (): void => {
    beats += 1;
    progress(beats / (beats + 1), undefined, 'cloning');
    next = systemClock.schedule(HEARTBEAT_MS, beat);
  };
  beat();
  return disposable(() => next.dispose());
}

async function cloneTarget(
  url: string,
  branch: string | undefined,
  options: ServerOptions,
  signal: AbortSignal,
): Promise<Target> {
  if (options.clones === undefined) {
    throw new ConductorError(
      'VALIDATION_FAILED',
      'this server was started without --clones DIR, so it cannot clone; give a path',
    );
  }
  const clone = await cloneRepository(url, branch, {
    signal,
    clones: options.clones,
    confineFile: async (path) => (await confinePath(path, options.roots)).path,
  });
  return { ...clone, top: clone.root };
}

/** Branch and commit of a work tree, read from its files; empty for anything unusual. */
async function readHead(root: string): Promise<{ branch?: string; commit?: string }> {
  const read = (name: string): Promise<string> => readFile(join(root, '.git', name), 'utf8').catch(() => '');
  const head = (await read('HEAD')).trim();
  const branch = /^ref: refs\/heads\/([^\0]+)$/.exec(head)?.[1];
  if (branch === undefined) return isCommit(head) ? { commit: head } : {};
  if (branch.split('/').includes('..')) return {};
  const loose = (await read(`refs/heads/${branch}`)).trim();
  if (isCommit(loose)) return { branch, commit: loose };
  const packed = (await read('packed-refs')).split('\n').find((line) => line.endsWith(` refs/heads/${branch}`));
  const commit = packed?.slice(0, packed.indexOf(' '));
  return commit !== undefined && isCommit(commit) ? { branch, commit } : { branch };
}

function isCommit(text: string): boolean {
  return /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(text);
}
