/** Shallow clones of remote repositories into one folder, shared between servers and reused for some minutes. */
import { lstat, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Clock, systemClock } from '../base/clock.ts';
import { ConductorError } from '../base/errors.ts';
import { type IdSource, systemIds } from '../base/ids.ts';
import { isJsonObject } from '../base/json.ts';
import { withLock } from './clone-lock.ts';
import { findGit, type GitOptions, runGit } from './git.ts';
import { checkBranch, cloneKey, parseRepositoryUrl, type RepositoryUrl, redactUrls } from './repository-url.ts';

export interface CloneOptions {
  readonly signal: AbortSignal;
  /** Folder that holds the clones; made when it is missing. */
  readonly clones: string;
  /** The real path of a file: URL that may be read; it throws for any other. @default no file: URL is read */
  readonly confineFile?: ((path: string) => Promise<string>) | undefined;
  /** @default the system's */
  readonly clock?: Clock | undefined;
  /** @default the system's */
  readonly ids?: IdSource | undefined;
  /** Milliseconds for the whole clone. @default 300,000 */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds for which a clone is used again. @default 600,000 */
  readonly freshMs?: number | undefined;
}

export interface Clone {
  /** Absolute path of the work tree. */
  readonly root: string;
  /** Without credentials. */
  readonly source: string;
  readonly branch?: string | undefined;
  readonly commit?: string | undefined;
}

/** Milliseconds after which a replaced clone is removed: no call reads it for that long. */
const RETIRED_MS = 3_600_000;

/**
 * Clones the newest commit of one branch (the remote's default without `branch`); runs nothing the repository brings.
 * @throws ConductorError VALIDATION_FAILED (URL, branch), TOOL_ERROR (git says no), SERVER_START_FAILED (no git), TIMEOUT, CANCELLED
 */
export async function cloneRepository(url: string, branch: string | undefined, options: CloneOptions): Promise<Clone> {
  const asked = parseRepositoryUrl(url);
  if (branch !== undefined) checkBranch(branch);
  const repository = asked.path === undefined ? asked : await allowFile(asked.path, options);
  const folder = join(options.clones, cloneKey(repository, branch));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const clock = options.clock ?? systemClock;
  const timeoutMs = options.timeoutMs ?? 300_000;
  return withLock(join(folder, 'lock'), { clock, signal: options.signal, timeoutMs: 2 * timeoutMs }, async () => {
    const now = clock.now();
    const kept = await readRecord(folder);
    if (kept !== undefined && now - kept.at >= 0 && now - kept.at < (options.freshMs ?? 600_000)) {
      return toClone(folder, repository, kept);
    }
    const git: GitOptions = {
      git: await findGit(),
      cwd: folder,
      signal: options.signal,
      clock,
      timeoutMs,
      protocols: [repository.scheme, ...(repository.scheme === 'http' ? ['https'] : [])],
      config: authorization(repository),
    };
    const record = await makeClone(folder, repository, branch, git, options.ids ?? systemIds, now);
    await removeRetired(folder, record.name, now);
    return toClone(folder, repository, record);
  });
}

interface CloneRecord {
  readonly name: string;
  readonly at: number;
  readonly branch?: string | undefined;
  readonly commit?: string | undefined;
}

async function makeClone(
  folder: string,
  repository: RepositoryUrl,
  branch: string | undefined,
  git: GitOptions,
  ids: IdSource,
  now: number,
): Promise<CloneRecord> {
  const name = ids.next();
  const temporary = join(folder, `${name}.part`);
  try {
    const branchArgs = branch === undefined ? [] : ['--branch', branch];
    const flags = ['--depth', '1', '--single-branch', '--no-tags', '--no-recurse-submodules', '--template=', '--quiet'];
    const outcome = await runGit(['clone', ...flags, ...branchArgs, '--', repository.url, temporary], git);
    if (outcome.code !== 0) throw cloneFailed(repository, branch, outcome.stderr);
    const head = await describeHead(temporary, git);
    await rename(temporary, join(folder, name));
    const record: CloneRecord = { name, at: now, ...head };
    await writeFile(join(folder, `${name}.json`), JSON.stringify(record));
    await rename(join(folder, `${name}.json`), join(folder, 'clone.json'));
    return record;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function describeHead(root: string, git: GitOptions): Promise<{ branch?: string; commit?: string }> {
  const inside = { ...git, cwd: root };
  const commit = await runGit(['rev-parse', '--verify', '--quiet', 'HEAD'], inside);
  const branch = await runGit(['symbolic-ref', '--short', '--quiet', 'HEAD'], inside);
  return {
    ...(branch.code === 0 ? { branch: branch.stdout.trim() } : {}),
    ...(commit.code === 0 ? { commit: commit.stdout.trim() } : {}),
  };
}

async function allowFile(path: string, options: CloneOptions): Promise<RepositoryUrl> {
  if (options.confineFile === undefined) {
    throw new ConductorError('VALIDATION_FAILED', 'file: URLs are not cloned here; give the folder as a path');
  }
  const real = await options.confineFile(path);
  // A `.git` file and an alternates file send git to other folders, and so past the confinement.
  const work = await lstat(join(real, '.git')).catch(() => undefined);
  const store = work === undefined ? real : join(real, '.git');
  const alternates = await lstat(join(store, 'objects', 'info', 'alternates')).catch(() => undefined);
  if (alternates !== undefined || (work !== undefined && !work.isDirectory())) {
    throw new ConductorError('VALIDATION_FAILED', `not cloned: ${path} borrows its objects from another folder`);
  }
  return { scheme: 'file', url: pathToFileURL(real).href, path: real };
}

/** Headers go through the environment: a command line is visible to every process, a configuration file stays. */
function authorization(repository: RepositoryUrl): Readonly<Record<string, string>> | undefined {
  if (repository.credentials === undefined) return undefined;
  const token = Buffer.from(repository.credentials).toString('base64');
  return { [`http.${new URL(repository.url).origin}/.extraHeader`]: `Authorization: Basic ${token}` };
}

function cloneFailed(repository: RepositoryUrl, branch: string | undefined, stderr: string): ConductorError {
  const said = redactUrls(stderr)
    .split('\n')
    .filter((line) => /^(?:fatal|error|remote|ssh|Permission|Host key)/.test(line))
    .slice(-4)
    .join('; ');
  const what = branch === undefined ? repository.url : `branch ${branch} of ${repository.url}`;
  return new ConductorError('TOOL_ERROR', `cannot clone ${what}: ${said === '' ? 'git gave no reason' : said}`);
}

async function readRecord(folder: string): Promise<CloneRecord | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(join(folder, 'clone.json'), 'utf8'));
    if (!isJsonObject(value) || typeof value.name !== 'string' || typeof value.at !== 'number') return undefined;
    if (!/^[\w-]+$/.test(value.name) || !(await stat(join(folder, value.name))).isDirectory()) return undefined;
    const { name, at, branch, commit } = value;
    return {
      name,
      at,
      branch: typeof branch === 'string' ? branch : undefined,
      commit: typeof commit === 'string' ? commit : undefined,
    };
  } catch {
    // Missing or torn: the same as never cloned.
    return undefined;
  }
}

function toClone(folder: string, repository: RepositoryUrl, record: CloneRecord): Clone {
  return { root: join(folder, record.name), source: repository.url, branch: record.branch, commit: record.commit };
}

/** Removes what an interrupted clone left, and clones that were replaced long ago. */
async function removeRetired(folder: string, current: string, now: number): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name === current || name === 'clone.json' || name === 'lock') continue;
    const path = join(folder, name);
    const made = await stat(path).catch(() => undefined);
    if (made !== undefined && now - made.mtimeMs > RETIRED_MS) await rm(path, { recursive: true, force: true });
  }
}
