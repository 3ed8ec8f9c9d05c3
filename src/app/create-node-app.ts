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
  ProcessHost,
  SecretStore,
  ServerLogSink,
  VariableSource,
} from '../contracts/index.ts';
import { createTieredIdempotencyStore } from '../middleware/tiered-idempotency.ts';
import { createServerDirectory, type ServerDirectoryWithSecrets } from '../mcp/server-directory.ts';
import { createFileApprovalStorage, createFileGrantStorage } from '../node/approval-storage.ts';
import { hostEnvironment } from '../node/environment.ts';
import { createFileEraMemory } from '../node/era-memory.ts';
import { createFileIdempotencyStore } from '../node/idempotency-store.ts';
import { createJournalStore } from '../node/journal-store.ts';
import { createProcessHost } from '../node/process-host.ts';
import { type StateLayout, stateLayout, userConfigDir } from '../node/state-dir.ts';
import { isIntact } from '../workflow/journal-event.ts';
import { ApprovalQueue } from './approvals.ts';
import { bundledServers } from './bundled-servers.ts';
import { type AppPorts, createApp } from './create-app.ts';
import { credentialKeeper, CredentialStore } from './credentials.ts';
import { type AuditKeeper, checkAuditTrail, openAuditTrail } from './audit-trail.ts';
import { observe } from './observers.ts';
import { HiddenValues } from './hidden-values.ts';
import type { ReadConfig } from './config/read-config.ts';
import { type ConfigSources, loadConfig } from './config/load-config.ts';
import { openSharedStores, type SharedStores } from './shared-stores.ts';
import { serverPools } from './server-pools.ts';

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
  /** Whether credentials may come from variables `MCP_CONDUCTOR_SECRET_…`, as the command line's do. @default false */
  readonly credentialsFromEnvironment?: boolean | undefined;
  /** Where the heads of the audit log are kept a second time. @default nowhere */
  readonly auditKeeper?: AuditKeeper | undefined;
  readonly onServerLog: ServerLogSink;
  readonly log: (message: string) => void;
}

export async function createNodeApp(options: NodeAppOptions): Promise<App> {
  const folder = options.folders[0]?.path ?? process.cwd();
  const state = await stateLayout(folder, options.stateDir);
  for (const path of [state.clones, state.workspace]) await makeStateFolder(path);
  const readConfig = (): Promise<ReadConfig> => loadConfig(configSources(options));
  const config = await readConfig();
  const credentials = new CredentialStore({
    secrets: options.secrets,
    environment: options.credentialsFromEnvironment === true ? process.env : undefined,
  });
  const hidden = new HiddenValues();
  hidden.from(credentials.resolved);
  const log = (message: string): void => options.log(hidden.redact(message));
  const onError = (error: unknown): void => log(messageOf(error));
  await credentials.preload().catch(onError);
  const processes = createProcessHost({
    watchdogScript: join(options.assetsDir, 'watchdog.cjs'),
    onProblem: log,
  });
  const resources = new DisposableStack();
  const trail = { workspaceState: state.workspace, configDir: userConfigDir(), keeper: options.auditKeeper };
  const audit = await openAuditTrail({ ...trail, section: config.config.layers.audit, log });
  resources.add({ dispose: () => audit.close() });
  resources.add(processes);
  const servers = openServers(options, { state, config, processes, credentials, hidden, log });
  hidden.from(servers.knownSecrets);
  await servers.reload();
  const shared = openShared(config, join(state.user, 'redis'), options, hidden, log);
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
    readConfig,
    ...approvalPorts(state, options.parksApprovals, log),
    workspace: state.workspace,
    credentials: credentialKeeper(credentials, servers, config.file),
    knownSecrets: hidden.values,
    auditLog: audit.log,
    checkAudit: () => checkAuditTrail(trail),
    finished: finishedCalls(join(state.workspace, 'once'), shared, log),
    shared,
    onError,
    resources,
  });
  observe({
    app,
    config: config.config,
    configFile: config.file,
    workspaceState: state.workspace,
    credentials,
    hidden,
    log,
    resources,
  });
  return app;
}

/** Questions belong to a workspace; what was granted for good holds in all of them. */
function approvalPorts(
  state: StateLayout,
  parks: boolean | undefined,
  log: (message: string) => void,
): Pick<AppPorts, 'approvals' | 'grantStorage'> {
  const approvals = new ApprovalQueue({
    clock: systemClock,
    ids: systemIds,
    storage: createFileApprovalStorage({ directory: join(state.workspace, 'approvals'), onProblem: log }),
    parks,
    onError: (error) => log(messageOf(error)),
  });
  const grantStorage = createFileGrantStorage({
    workspace: join(state.workspace, 'grants'),
    user: join(state.user, 'grants'),
    onProblem: log,
  });
  return { approvals, grantStorage };
}

function configSources({ userConfigFile, folders, discoverWorkspace, trusted }: NodeAppOptions): ConfigSources {
  return {
    userFile: userConfigFile ?? join(userConfigDir(), 'config.yaml'),
    folders: folders.map(({ path }) => path),
    trusted: discoverWorkspace && trusted(),
  };
}

function openShared(
  { config }: ReadConfig,
  directory: string,
  { secrets }: NodeAppOptions,
  hidden: HiddenValues,
  log: (message: string) => void,
): ReturnType<typeof openSharedStores> | undefined {
  if (config.redis === undefined) return undefined;
  return openSharedStores({
    section: config.redis,
    directory,
    clock: systemClock,
    environment: (name) =>
      /pass|secret|token|key|url/i.test(name) ? hidden.seen(process.env[name]) : process.env[name],
    secret: async (name) => hidden.seen(await secrets.get(name)),
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

interface ServerParts {
  readonly state: StateLayout;
  readonly config: ReadConfig;
  readonly processes: ProcessHost;
  readonly credentials: CredentialStore;
  readonly hidden: HiddenValues;
  readonly log: (message: string) => void;
}

function openServers(
  options: NodeAppOptions,
  { state, config, processes, credentials, hidden, log }: ServerParts,
): ServerDirectoryWithSecrets {
  return createServerDirectory({
    bundled: bundledServers({
      assetsDir: options.assetsDir,
      roots: options.folders.map(({ path }) => path),
      clonesDir: state.clones,
      cacheDir: state.cache,
      osvUrl: config.config.vulnerabilities?.url,
    }),
    folders: () => options.folders,
    includeWorkspaceServers: options.discoverWorkspace,
    configFiles: options.configFiles,
    trusted: options.trusted,
    processes,
    secrets: options.secrets,
    askInput: options.askInput,
    variables: options.variables,
    environment: hostEnvironment(process.env, config.config.environment.inherit),
    credentials,
    redact: hidden.redact,
    eras: createFileEraMemory({ file: join(state.cache, 'protocol-eras.json'), onProblem: log }),
    clock: systemClock,
    log: options.onServerLog,
    pool: serverPools(() => config.config),
    clientInfo: { name: 'mcp-conductor', version: VERSION },
  });
}

async function makeStateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    const message = `the state folder cannot be used (--state names another one): ${messageOf(error)}`;
    throw new ConductorError('VALIDATION_FAILED', message, { cause: error });
  });
}
