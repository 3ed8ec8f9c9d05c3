/** What watches the calls of an app on Node: the trace file, and the collector where one is configured. */
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import type { DisposableStack } from '../base/disposables.ts';
import { systemIds } from '../base/ids.ts';
import { resolveSecretReferences } from '../base/secret-references.ts';
import type { App, Credentials, ServerDirectory } from '../contracts/index.ts';
import { OtlpExporter } from '../node/otlp/exporter.ts';
import type { Reached } from '../node/otlp/requests.ts';
import { createTraceFile } from '../node/trace-file.ts';
import type { UserConfig } from './config/schema.ts';
import { COLLECTOR } from './credentials.ts';
import type { HiddenValues } from './hidden-values.ts';

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
