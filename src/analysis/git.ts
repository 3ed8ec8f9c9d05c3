/** Running git on repositories nobody vouches for: nothing of theirs is executed and nothing asks a person. */
import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { devNull } from 'node:os';
import { delimiter, join } from 'node:path';
import { abortError } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { ConductorError } from '../base/errors.ts';

export interface GitOptions {
  readonly git: string;
  readonly cwd: string;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Milliseconds until it is stopped. */
  readonly timeoutMs: number;
  /** Transports git may use, as in `GIT_ALLOW_PROTOCOL`. */
  readonly protocols: readonly string[];
  /** Kept from what git says, in characters from the end. @default 20,000 */
  readonly maxOutput?: number | undefined;
  /** Configuration that must stay off the command line, such as headers with credentials. */
  readonly config?: Readonly<Record<string, string>> | undefined;
}

export interface GitOutcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where git commonly is: a server that an editor starts may have no PATH at all. */
const USUAL_FOLDERS = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin', '/bin', 'C:\\Program Files\\Git\\cmd'];

/** Enough for what a person reads of it. */
const MAX_OUTPUT = 20_000;
/** Milliseconds a stopped git has to clean up after itself. */
const GRACE_MS = 2_000;

/** Settings under which checking out runs no filter, hook, monitor or helper and makes no link. */
const HARMLESS = [
  'core.hooksPath=/dev/null',
  'core.symlinks=false',
  'core.fsmonitor=false',
  'core.askPass=',
  'core.protectHFS=true',
  'core.protectNTFS=true',
  'credential.helper=',
  'protocol.ext.allow=never',
  'submodule.recurse=false',
  'gc.auto=0',
  'filter.lfs.smudge=',
  'filter.lfs.clean=',
  'filter.lfs.process=',
  'filter.lfs.required=false',
  'advice.detachedHead=false',
];

/** What proxies, certificates and ssh agents need; nothing else of the environment reaches git. */
const PASSED_ON = [
  'HOME',
  'USERPROFILE',
  'SYSTEMROOT',
  'TEMP',
  'TMP',
  'TMPDIR',
  'LANG',
  'SSH_AUTH_SOCK',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'GIT_SSL_CAINFO',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'all_proxy',
];

/**
 * The git to use, from `PATH` or where it commonly is.
 * @throws ConductorError SERVER_START_FAILED when there is none.
 */
export async function findGit(path: string = process.env.PATH ?? ''): Promise<string> {
  const name = process.platform === 'win32' ? 'git.exe' : 'git';
  const folders = [...path.split(delimiter).filter((folder) => folder !== ''), ...USUAL_FOLDERS];
  for (const folder of folders) {
    const candidate = join(folder, name);
    const runs = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return candidate;
  }
  throw new ConductorError(
    'SERVER_START_FAILED',
    'git was not found: install git, or clone the repository yourself and give its folder',
  );
}

/**
 * Runs git to its end.
 * @throws ConductorError CANCELLED, TIMEOUT; a git that ends with an error is a value.
 */
export async function runGit(args: readonly string[], options: GitOptions): Promise<GitOutcome> {
  if (options.signal.aborted) throw abortError(options.signal);
  const child = spawn(options.git, [...HARMLESS.flatMap((setting) => ['-c', setting]), ...args], {
    cwd: options.cwd,
    env: environment(options),
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] = (output[stream] + text).slice(-(options.maxOutput ?? MAX_OUTPUT));
    });
  }
  let stopped: ConductorError | undefined;
  const stop = (why: ConductorError): void => {
    stopped ??= why;
    child.kill('SIGTERM');
    kill ??= options.clock.schedule(GRACE_MS, () => child.kill('SIGKILL'));
  };
  let kill: { dispose(): void } | undefined;
  const onAbort = (): void => stop(abortError(options.signal));
  const seconds = Math.round(options.timeoutMs / 1_000);
  const timer = options.clock.schedule(options.timeoutMs, () =>
    stop(new ConductorError('TIMEOUT', `git did not finish within ${seconds} s`)),
  );
  options.signal.addEventListener('abort', onAbort, { once: true });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (stopped !== undefined) throw stopped;
    return { code, ...output };
  } finally {
    timer.dispose();
    kill?.dispose();
    options.signal.removeEventListener('abort', onAbort);
  }
}

function environment(options: GitOptions): Record<string, string> {
  const env: Record<string, string> = {
    PATH: process.env.PATH || USUAL_FOLDERS.slice(0, 4).join(delimiter),
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: devNull,
    GIT_ATTR_NOSYSTEM: '1',
    GIT_LFS_SKIP_SMUDGE: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_ALLOW_PROTOCOL: options.protocols.join(':'),
    // In batch mode ssh fails where it would ask for a password or an unknown host.
    GIT_SSH_COMMAND: 'ssh -oBatchMode=yes',
  };
  for (const name of PASSED_ON) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  const entries = Object.entries(options.config ?? {});
  env.GIT_CONFIG_COUNT = String(entries.length);
  entries.forEach(([key, value], index) => {
    env[`GIT_CONFIG_KEY_${index}`] = key;
    env[`GIT_CONFIG_VALUE_${index}`] = value;
  });
  return env;
}
