/** The `App` on Node: real files, real processes, real time. The editor and the command line both open this one. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { DisposableStack } from '../base/disposables.ts';
import { ConductorError, messageOf } from '../base/errors.ts';
import { systemIds } from '../base/ids.ts';
import { VERSION } from '../base/version.ts';
import type {
  App,
  AskInput,
  IdempotencyStore,
  SecretStore,
  ServerLogSink,
  VariableSource,
} from '../contracts/index.ts';
import { createTieredIdempotencyStore } from '../middleware/tiered-idempotency.ts';
import { createServerDirectory } from '../mcp/server-directory.ts';
import { auditPlaces, createFileHeads, ensureAuditKey } from '../node/audit-heads.ts';
import { createAuditLog, type FileAuditLog } from '../node/audit-log.ts';
import { hostEnvironment } from '../node/environment.ts';
import { createFileEraMemory } from '../node/era-memory.ts';
import { createFileIdempotencyStore } from '../node/idempotency-store.ts';
import { createJournalStore } from '../node/journal-store.ts';
import { createProcessHost } from '../node/process-host.ts';
import { stateLayout, userConfigDir } from '../node/state-dir.ts';
import { createTraceFile } from '../node/trace-file.ts';
import { isIntact } from '../workflow/journal-event.ts';
import { ApprovalQueue } from './approvals.ts';
import { bundledServers } from './bundled-servers.ts';
import { createApp } from './create-app.ts';
import { type ReadConfig, readUserConfig } from './config/user-config.ts';
import { openSharedStores, type SharedStores } from './shared-stores.ts';

export interface NodeAppOptions {
  /** Folder of the built product (`dist`). */
  readonly assetsDir: string;
  /** Where runs, clones and caches are kept. @default the user's own state folder */
  readonly stateDir?: string;
  /** The user's configuration. @default `config.yaml` in the user's own configuration folder */
  readonly userConfigFile?: string;
  readonly folders: readonly { readonly name: string; readonly path: string }[];
  /** Further files with servers, as `--config` names them. */
  readonly configFiles: readonly string[];
  /** False: the folders' own `mcp.json` is ignored. */
  readonly discoverWorkspace: boolean;
  /** True where nobody can be asked: a call that needs an answer is refused instead of waiting for one. @default false */
  readonly parksApprovals?: boolean | undefined;
  /** Asked before any process is started. */
  readonly trusted: () => boolean;
  readonly askInput: AskInput;
  readonly variables: VariableSource;
  readonly secrets: SecretStore;
  readonly onServerLog: ServerLogSink;
  readonly log: (message: string) => void;
}

export async function createNodeApp(options: NodeAppOptions): Promise<App> {
  const folder = options.folders[0]?.path ?? process.cwd();
  const state = await stateLayout(folder, options.stateDir);
  for (const path of [state.clones, state.workspace]) await makeStateFolder(path);
  const config = await readUserConfig(options.userConfigFile ?? join(userConfigDir(), 'config.yaml'));
  const onError = (error: unknown): void => options.log(messageOf(error));
  const processes = createProcessHost({
    watchdogScript: join(options.assetsDir, 'watchdog.cjs'),
    onProblem: options.log,
  });
  const resources = new DisposableStack();
  const auditLog = await openAuditLog(state.workspace, options.log);
  resources.add({ dispose: () => auditLog.close() });
  const traceFile = createTraceFile({
    directory: join(state.workspace, 'traces'),
    clock: systemClock,
    ids: systemIds,
    onProblem: options.log,
  });
  resources.add({ dispose: () => traceFile.flush() });
  resources.add(processes);
  const servers = createServerDirectory({
    bundled: bundledServers({
      assetsDir: options.assetsDir,
      roots: options.folders.map(({ path }) => path),
      clonesDir: state.clones,
    }),
    folders: () => options.folders,
    includeWorkspaceServers: options.discoverWorkspace,
    configFiles: options.configFiles,
    trusted: options.trusted,
    processes,
    secrets: options.secrets,
    askInput: options.askInput,
    variables: options.variables,
    environment: hostEnvironment(process.env),
    eras: createFileEraMemory({ file: join(state.cache, 'protocol-eras.json'), onProblem: options.log }),
    clock: systemClock,
    log: options.onServerLog,
    clientInfo: { name: 'mcp-conductor', version: VERSION },
  });
  await servers.reload();
  const shared = openShared(config, options);
  if (shared !== undefined) resources.add(shared);
  const app = createApp({
    clock: systemClock,
    ids: systemIds,
    servers,
    journals: createJournalStore({ directory: state.workspace, isIntact }),
    pipeline: async (name) => {
      const file = join(options.assetsDir, 'pipelines', `${name}.workflow.yaml`);
      return { text: await readFile(file, 'utf8'), file };
    },
    config,
    approvals: new ApprovalQueue({ clock: systemClock, ids: systemIds, parks: options.parksApprovals, onError }),
    workspace: state.workspace,
    knownSecrets: servers.knownSecrets,
    auditLog,
    finished: finishedCalls(join(state.workspace, 'once'), shared, options.log),
    shared,
    onError,
    resources,
  });
  app.onTrace(traceFile.sink);
  return app;
}

function openShared(
  { config }: ReadConfig,
  { secrets, log }: NodeAppOptions,
): ReturnType<typeof openSharedStores> | undefined {
  if (config.redis === undefined) return undefined;
  return openSharedStores({
    section: config.redis,
    clock: systemClock,
    environment: (name) => process.env[name],
    secret: (name) => secrets.get(name),
    onProblem: log,
  });
}

/** On this machine's disk in any case; other machines are asked where there is a Redis. */
function finishedCalls(
  directory: string,
  shared: SharedStores | undefined,
  log: (message: string) => void,
): IdempotencyStore {
  const own = createFileIdempotencyStore({ directory, clock: systemClock });
  own.prune().catch((error: unknown) => log(`calls that have expired could not be forgotten: ${messageOf(error)}`));
  return shared === undefined ? own : createTieredIdempotencyStore({ own, shared: shared.finished });
}

/** Beside the runs it tells of; the key that seals it lies with the configuration. */
async function openAuditLog(workspaceState: string, log: (message: string) => void): Promise<FileAuditLog> {
  const { directory, heads, keyFile } = auditPlaces(workspaceState, userConfigDir());
  try {
    const key = await ensureAuditKey(keyFile);
    return createAuditLog({ directory, heads: createFileHeads(heads), key, clock: systemClock, ids: systemIds });
  } catch (error) {
    log(`calls are not recorded: ${messageOf(error)}`);
    return withoutAuditLog(error);
  }
}

/** What policy wants recorded before it runs does not run; everything else goes on. */
function withoutAuditLog(error: unknown): FileAuditLog {
  return {
    append: (_record, urgent) => (urgent === true ? Promise.reject(error) : Promise.resolve()),
    keyedHash: () => '',
    failure: undefined,
    close: () => Promise.resolve(),
  };
}

async function makeStateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    const message = `the state folder cannot be used (--state names another one): ${messageOf(error)}`;
    throw new ConductorError('VALIDATION_FAILED', message, { cause: error });
  });
}
