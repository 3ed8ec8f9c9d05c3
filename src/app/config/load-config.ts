/** Reads every `config.yaml` that counts: the user's own, and those of the folders while they are trusted. */
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import type { Problem } from '../../contracts/index.ts';
import type { ReadConfig } from './read-config.ts';
import { readUserConfig } from './user-config.ts';
import { withWorkspace } from './workspace-config.ts';

/** Where a folder's own configuration stands in it. */
const WORKSPACE_CONFIG = ['.mcp-conductor', 'config.yaml'] as const;

/** Bytes of a folder's configuration beyond which it is not read. */
const MAX_BYTES = 1_048_576;

export interface ConfigSources {
  /** Absolute path. */
  readonly userFile: string;
  /** Absolute paths of folders. */
  readonly folders: readonly string[];
  /** Whether what the folders say counts at all. */
  readonly trusted: boolean;
}

export function workspaceConfigFile(folder: string): string {
  return join(folder, ...WORKSPACE_CONFIG);
}

export async function loadConfig({ userFile, folders, trusted }: ConfigSources): Promise<ReadConfig> {
  let read = await readUserConfig(userFile);
  for (const file of folders.map(workspaceConfigFile)) {
    read = trusted ? await readWorkspace(read, file) : await leaveOut(read, file);
  }
  return read;
}

async function readWorkspace(read: ReadConfig, file: string): Promise<ReadConfig> {
  try {
    const text = await readFile(file, 'utf8');
    if (text.length > MAX_BYTES) throw new Error(`it is over ${MAX_BYTES} bytes long`);
    return withWorkspace(read, text, file);
  } catch (error) {
    if (isAbsent(error)) return read;
    const lost = { file, permissions: [], tools: {}, lostRules: `${file} cannot be read` };
    return {
      ...read,
      problems: [...read.problems, problem('error', file, `cannot be read: ${messageOf(error)}`)],
      workspaces: [...read.workspaces, lost],
    };
  }
}

/** Rules that somebody relies on must not be left out in silence. */
async function leaveOut(read: ReadConfig, file: string): Promise<ReadConfig> {
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (!isThere) return read;
  const message = 'the rules of this folder do not count, because the folder is not trusted (--trust-workspace)';
  return { ...read, problems: [...read.problems, problem('warning', file, message)] };
}

function problem(severity: Problem['severity'], file: string, message: string): Problem {
  return { severity, code: 'config', message, range: { file, line: 1, column: 1 } };
}

function isAbsent(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
