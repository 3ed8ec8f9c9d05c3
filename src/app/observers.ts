/** What watches the calls of an app on Node: the audit log, the trace file, and the collector where one is configured. */
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import type { DisposableStack } from '../base/disposables.ts';
import { messageOf } from '../base/errors.ts';
import { systemIds } from '../base/ids.ts';
import { resolveSecretReferences } from '../base/secret-references.ts';
import type { App, Credentials, ServerDirectory } from '../contracts/index.ts';
import { auditPlaces, createFileHeads, ensureAuditKey } from '../node/audit-heads.ts';
import { type PruneOptions, pruneAudit } from '../node/audit-retention.ts';
import { createAuditLog, type FileAuditLog } from '../node/audit-log.ts';
import { OtlpExporter } from '../node/otlp/exporter.ts';
import type { Reached } from '../node/otlp/requests.ts';
import { createTraceFile } from '../node/trace-file.ts';
import type { UserConfig } from './config/schema.ts';
import { COLLECTOR } from './credentials.ts';
import type { HiddenValues } from './hidden-values.ts';

export interface AuditOptions {
  /** The workspace's folder of state. */
  readonly workspaceState: string;
  /** The user's configuration folder. */
  readonly configDir: string;
  readonly section: UserConfig['layers']['audit'];
  readonly log: (message: string) => void;
}

/** How often it is looked whether records are old enough to go, by whichever process comes first. */
const PRUNE_EVERY_MS = 6 * 3_600_000;

/** Beside the runs it tells of; the key that seals it lies with the configuration. */
export async function openAuditLog({ workspaceState, configDir, section, log }: AuditOptions): Promise<FileAuditLog> {
  const { directory, heads: headsDirectory, keyFile } = auditPlaces(workspaceState, configDir);
  try {
    const key = await ensureAuditKey(keyFile);
    const heads = createFileHeads(headsDirectory);
    const auditLog = createAuditLog({ directory, heads, key, clock: systemClock, ids: systemIds });
    const pruning = prune({ directory, heads, key, onProblem: log }, section).catch((error: unknown) =>
      log(`old audit records could not be removed: ${messageOf(error)}`),
    );
    return {
      append: (record, urgent) => auditLog.append(record, urgent),
      keyedHash: (value) => auditLog.keyedHash(value),
      get failure() {
        return auditLog.failure;
      },
      close: async () => {
        await auditLog.close();
        await pruning;
      },
    };
  } catch (error) {
    log(`calls are not recorded: ${messageOf(error)}`);
    return withoutAuditLog(error);
  }
}

async function prune(
  log: Pick<PruneOptions, 'directory' | 'heads' | 'key' | 'onProblem'>,
  section: UserConfig['layers']['audit'],
): Promise<void> {
  if (section === false || (section.keep === undefined && section.maxBytes === undefined)) return;
  const now = systemClock.now();
  if (!(await log.heads.takeTurn(now, PRUNE_EVERY_MS))) return;
  await pruneAudit({ ...log, limits: { keepMs: section.keep, maxBytes: section.maxBytes }, now });
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

export interface ObserverOptions {
  readonly app: App;
  readonly config: Pick<UserConfig, 'otlp'>;
  /** Where `config.yaml` stands: what credentials of the collector are bound to. */
  readonly configFile: string;
  /** The workspace's folder of state. */
  readonly workspaceState: string;
  readonly credentials: Credentials;
  /** Told which values of headers must never be shown. */
  readonly hidden: HiddenValues;
  readonly log: (message: string) => void;
  /** What is made here is disposed with it. */
  readonly resources: DisposableStack;
}

/** Writes every finished call to the trace file, and sends it on where that is configured. */
export function observe(options: ObserverOptions): void {
  const { app, resources, config } = options;
  const traceFile = createTraceFile({
    directory: join(options.workspaceState, 'traces'),
    clock: systemClock,
    ids: systemIds,
    onProblem: options.log,
  });
  resources.add({ dispose: () => traceFile.flush() });
  app.onTrace(traceFile.sink);
  if (config.otlp === undefined) return;
  const exporter = createExporter(options, config.otlp);
  resources.add({ dispose: () => exporter.close() });
  app.onTrace(exporter.sink);
}

type OtlpSection = NonNullable<UserConfig['otlp']>;

function createExporter(options: ObserverOptions, section: OtlpSection): OtlpExporter {
  const { app, hidden, log } = options;
  return new OtlpExporter({
    endpoint: section.endpoint,
    headers: () => headersOf(options, section.headers),
    protocol: section.protocol,
    includeArguments: section.arguments,
    metricsIntervalMs: section.metricsInterval,
    timeoutMs: section.timeout,
    clock: systemClock,
    metrics: () => app.metrics(),
    describe: (server) => reached(app.servers, server),
    redact: hidden.redact,
    onProblem: log,
  });
}

async function headersOf(
  { credentials, configFile, hidden }: ObserverOptions,
  written: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const collector = { id: COLLECTOR, origin: { kind: 'config', file: configFile } } as const;
  const headers: Record<string, string> = {};
  for (const [name, text] of Object.entries(written)) {
    const value = await resolveSecretReferences(text, (secret) => credentials.value(collector, secret));
    if (/authorization|key|token|secret|cookie/i.test(name)) hidden.add(value.replace(/^(?:Bearer|Basic)\s+/i, ''));
    headers[name.toLowerCase()] = value;
  }
  return headers;
}

function reached(servers: ServerDirectory, id: string): Reached | undefined {
  const { definition, state } = servers.get(id) ?? {};
  if (definition === undefined || state === undefined) return undefined;
  return {
    launch: definition.launch.type,
    protocolVersion: state.status === 'ready' ? state.protocolVersion : undefined,
  };
}
