/** Where state lives: one place per user, shared by editor windows and the command line, keyed by workspace. */
import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import envPaths from 'env-paths';

export interface StateLayout {
  /** Of the user: clones, remembered verdicts. */
  readonly user: string;
  readonly clones: string;
  readonly cache: string;
  /** Of the workspace: `runs/`, `traces/`. */
  readonly workspace: string;
}

/** The user's `config.yaml` stands here. */
export function userConfigDir(): string {
  return envPaths('mcp-conductor', { suffix: '' }).config;
}

/** @param folder - the first folder of the workspace; its real path is the key */
export async function stateLayout(folder: string, stateDir?: string): Promise<StateLayout> {
  const user = resolve(stateDir ?? envPaths('mcp-conductor', { suffix: '' }).data);
  const real = await realpath(folder).catch(() => resolve(folder));
  const key = createHash('sha256').update(real).digest('hex').slice(0, 12);
  const name = basename(real).replace(/[^A-Za-z0-9._-]/g, '-') || 'root';
  return {
    user,
    clones: join(user, 'clones'),
    cache: join(user, 'cache'),
    workspace: join(user, 'workspaces', `${name}-${key}`),
  };
}
