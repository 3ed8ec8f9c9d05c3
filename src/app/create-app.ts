/** Joins the rooms: ports in, an `App` out, everything disposed in reverse order. */
import type { Clock } from '../base/clock.ts';
import { DisposableStack } from '../base/disposables.ts';
import { Emitter } from '../base/events.ts';
import { Ring } from '../base/ring.ts';
import type { IdSource } from '../base/ids.ts';
import type {
  App,
  AuditLog,
  CredentialKeeper,
  GrantStorage,
  Invoke,
  JournalStore,
  ServerDirectory,
  TraceEntry,
} from '../contracts/index.ts';
import { Grants } from '../middleware/approval/grants.ts';
import type { ApprovalQueue } from './approvals.ts';
import type { ReadConfig } from './config/read-config.ts';
import { createGovernance, type GovernanceOptions } from './governance.ts';
import { DecisionRecords, grantsOf } from './granted.ts';
import { LiveConfig } from './live-config.ts';
import { createPipelines } from './pipelines.ts';
import { createReviews } from './reviews.ts';
import { RunRegistry } from './runs.ts';
import { Workflows } from './workflows.ts';

export interface AppPorts {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly servers: ServerDirectory;
  readonly journals: JournalStore;
  /** The text of a built-in workflow file, by name. */
  readonly pipeline: (name: string) => Promise<{ readonly text: string; readonly file: string }>;
  readonly config: ReadConfig;
  /** Reads the configuration anew. @default it stays as it is */
  readonly readConfig?: (() => Promise<ReadConfig>) | undefined;
  /** Where questions to people wait for their answers. */
  readonly approvals: ApprovalQueue;
  /** Where what was granted outlives the process. @default it ends with it */
  readonly grantStorage?: GrantStorage | undefined;
  /** The workspace's folder, or whatever else tells it from others. */
  readonly workspace: string;
  readonly credentials: CredentialKeeper;
  /** Credentials that were resolved for servers; the same array while nothing changes. */
  readonly knownSecrets: () => readonly string[];
  /** @default nothing is recorded */
  readonly auditLog?: AuditLog | undefined;
  readonly checkAudit: App['checkAudit'];
  readonly finished?: GovernanceOptions['finished'];
  readonly shared?: GovernanceOptions['shared'];
  /** Receives what a listener threw: a broken view must not stop a run. */
  readonly onError: (error: unknown) => void;
  /** Disposed after everything made here, last given first. */
  readonly resources: DisposableStack;
}

/** Calls that views can still show when they are opened after the fact. */
const RECENT_CALLS = 500;

export function createApp(ports: AppPorts): App {
  const { clock, servers } = ports;
  const traces = new Emitter<TraceEntry>(ports.onError);
  const { approvals, knownSecrets, workspace } = ports;
  const config = new LiveConfig(ports.config, ports.readConfig);
  const grants = new Grants({ clock, storage: ports.grantStorage, onError: ports.onError });
  const recent = new Ring<TraceEntry>(RECENT_CALLS);
  const governance = createGovernance({
    clock,
    servers,
    read: ports.config,
    knownSecrets,
    approver: approvals,
    grants,
    workspace,
    onTrace: (entry) => {
      recent.push(entry);
      traces.fire(entry);
    },
    auditLog: ports.auditLog,
    ids: ports.ids,
    finished: ports.finished,
    shared: ports.shared,
    onProblem: (message) => ports.onError(new Error(message)),
  });
  const { invoke } = governance;
  const runs = new RunRegistry(ports.journals, ports.onError);
  runs.onEvent(({ event }) => {
    if (event.type !== 'run.ended') return;
    servers.endRun(event.runId);
    grants.endRun(event.runId).catch(ports.onError);
  });
  const decisions = new DecisionRecords(ports);
  approvals.onDecided((record) => decisions.decided(record));
  const workflows = new Workflows({ ...ports, invoke, runs, explain: governance.explain });
  const startPipeline = createPipelines({ workflows, pipeline: ports.pipeline, config: config.now });

  const own = new DisposableStack();
  own.add(ports.resources);
  own.add(servers);
  own.add(runs);
  own.add(traces);
  own.add(approvals);
  own.add({ dispose: () => runs.cancelAll('MCP Conductor is closing') });
  return {
    servers,
    runs,
    approvals,
    credentials: ports.credentials,
    grants: grantsOf(grants, decisions),
    configuration: config.reloader(governance.reconfigure),
    problems: () => [...config.now().problems, ...governance.problems(), ...servers.problems()],
    invoke,
    onTrace: traces.event,
    recentCalls: () => recent.values(),
    checkAudit: ports.checkAudit,
    metrics: () => governance.metrics.snapshot(),
    callTool: personalCalls(invoke),
    plan: (source) => workflows.plan(source),
    runWorkflow: (source, inputs) => workflows.runFile(source, inputs),
    ...createReviews({ journals: ports.journals, runs, startPipeline, onError: ports.onError }),
    dispose: () => own.dispose(),
  };
}

/** Calls on behalf of the person at this machine. */
function personalCalls(invoke: Invoke): App['callTool'] {
  return (server, tool, args, { signal, onProgress, idempotencyKey }) =>
    invoke({
      request: { kind: 'tool', tool, args },
      server,
      principal: { kind: 'person', id: 'local' },
      signal,
      onProgress,
      idempotencyKey,
      meta: {},
    });
}
