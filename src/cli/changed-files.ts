/** Which files git says changed: since a commit, branch or tag, or staged for the next commit. */
import { findGit, type GitOutcome, runGit } from '../analysis/git.ts';
import { systemClock } from '../base/clock.ts';
import { UsageError } from './exit-codes.ts';

/** Characters of names that are read; a change of more is a review of everything. */
const MAX_NAMES = 64 * 1024 * 1024;

export type ChangedSince = { readonly kind: 'staged' } | { readonly kind: 'ref'; readonly ref: string };

/**
 * Paths relative to the folder, with forward slashes; those outside it are left out. Since a branch means since it was
 * left: what others did on it in the meantime is not counted.
 * @throws UsageError when the folder is no repository or there is no such commit
 */
export async function changedFiles(
  folder: string,
  since: ChangedSince,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const git = await findGit();
  const run = (args: readonly string[]): Promise<GitOutcome> =>
    runGit(args, {
      git,
      cwd: folder,
      signal,
      clock: systemClock,
      timeoutMs: 60_000,
      protocols: [],
      maxOutput: MAX_NAMES,
    });
  const names = async (args: readonly string[]): Promise<readonly string[]> => {
    const { code, stdout, stderr } = await run(args);
    if (code !== 0) throw new UsageError(`git cannot say what changed in ${folder}: ${firstLine(stderr)}`);
    if (stdout.length >= MAX_NAMES) throw new UsageError('more changed than can be listed: review everything instead');
    return stdout.split('\0').filter((name) => name !== '');
  };
  const diff = [
    'diff',
    '--name-only',
    '-z',
    '--no-ext-diff',
    '--no-textconv',
    '--no-renames',
    '--diff-filter=d',
    '--relative',
  ];
  if (since.kind === 'staged') return new Set(await names([...diff, '--cached', '--']));
  const { code, stdout, stderr } = await run([
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${since.ref}^{commit}`,
  ]);
  if (code !== 0)
    throw new UsageError(
      `--changed-since ${since.ref}: ${firstLine(stderr) || 'there is no such commit, branch or tag'}`,
    );
  const changed = await names([...diff, '--merge-base', stdout.trim(), '--']);
  const added = await names(['ls-files', '--others', '--exclude-standard', '-z', '--', '.']);
  return new Set([...changed, ...added]);
}

function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').replace(/^fatal: /, '');
}
