/** How the bundled servers are started: our own executable, never a `node` from PATH. */
import { join } from 'node:path';
import { BUNDLED_SERVERS, type ServerDefinition } from '../contracts/index.ts';

export interface BundledServerOptions {
  /** Folder of the built product (`dist`). */
  readonly assetsDir: string;
  /** Folders the servers may look into. */
  readonly roots: readonly string[];
  /** Where they put clones of remote repositories. */
  readonly clonesDir: string;
  /** Where they remember results of files, and what others told them. */
  readonly cacheDir: string;
  /** The user's own mirror of OSV. */
  readonly osvUrl?: string | undefined;
}

/** Megabytes for what was just made: a server's own thread does little but hand on, and needs no more. */
const YOUNG_HEAP = '--max-semi-space-size=16';

export function bundledServers(options: BundledServerOptions): readonly ServerDefinition[] {
  return BUNDLED_SERVERS.map((id) => ({
    id,
    label: id,
    origin: { kind: 'bundled' },
    inputs: [],
    launch: {
      type: 'stdio',
      command: process.execPath,
      args: [
        YOUNG_HEAP,
        join(options.assetsDir, 'servers', id, 'main.js'),
        ...options.roots.flatMap((root) => ['--root', root]),
        '--clones',
        options.clonesDir,
        '--cache',
        options.cacheDir,
        ...(options.osvUrl === undefined ? [] : ['--osv-url', options.osvUrl]),
      ],
      env: { ELECTRON_RUN_AS_NODE: '1' },
    },
  }));
}
