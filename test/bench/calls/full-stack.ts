/** The product's own assembly with every layer on and at work: what a governed call costs. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import type { Transport } from '@modelcontextprotocol/client';
import { parseUserConfig } from '../../../src/app/config/user-config.ts';
import { createGovernance } from '../../../src/app/governance.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { systemIds } from '../../../src/base/ids.ts';
import type { JsonObject } from '../../../src/base/json.ts';
import { Ring } from '../../../src/base/ring.ts';
import type { Approver, Call, Invoke, Reply, ServerDefinition, TraceEntry } from '../../../src/contracts/index.ts';
import { createServerDirectory } from '../../../src/mcp/server-directory.ts';
import { Grants } from '../../../src/middleware/approval/grants.ts';
import { createFileHeads } from '../../../src/node/audit-heads.ts';
import { createAuditLog } from '../../../src/node/audit-log.ts';
import { hostEnvironment } from '../../../src/node/environment.ts';
import { createProcessHost } from '../../../src/node/process-host.ts';
import { createTraceFile } from '../../../src/node/trace-file.ts';
import { WATCHDOG_SCRIPT } from '../../fixtures/fake-server/directory.ts';
import { toolOf, type Size } from './payload.ts';

export const SERVER = 'exchange';

export interface FullStack {
  /** One call of a run by an agent, as distinct from every other as its arguments are. */
  call(size: Size, args: JsonObject): Promise<Reply>;
  /** Everything that was put off is on disk. */
  settled(): Promise<void>;
  dispose(): Promise<void>;
}

export interface FullStackOptions {
  readonly definition: ServerDefinition;
  /** To a server in this process; asked for each connection. */
  readonly inProcess?: (() => Transport) | undefined;
  /** Layers switched off, to see what each costs. @default none */
  readonly without?: readonly string[];
}

export async function openFullStack({ definition, inProcess, without = [] }: FullStackOptions): Promise<FullStack> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-calls-'));
  const processes = createProcessHost({ watchdogScript: WATCHDOG_SCRIPT });
  const servers = createServerDirectory({
    bundled: [definition],
    processes,
    secrets: { get: async () => undefined, set: async () => undefined, delete: async () => undefined },
    askInput: async () => undefined,
    variables: { config: () => undefined, command: async () => undefined },
    environment: hostEnvironment(process.env),
    eras: { get: async () => undefined, set: async () => undefined, delete: async () => undefined },
    clock: systemClock,
    log: () => undefined,
    clientInfo: { name: 'bench', version: '1.0.0' },
    inProcess,
  });
  const traceFile = createTraceFile({
    directory: join(folder, 'traces'),
    clock: systemClock,
    ids: systemIds,
    onProblem: fail,
  });
  const auditLog = createAuditLog({
    directory: join(folder, 'audit'),
    heads: createFileHeads(join(folder, 'heads')),
    key: randomBytes(32),
    clock: systemClock,
    ids: systemIds,
  });
  const ring = new Ring<TraceEntry>(1_000);
  const read = parseUserConfig(CONFIG + layersOff(without), 'config.yaml');
  const governance = createGovernance({
    clock: systemClock,
    servers,
    read,
    knownSecrets: () => CREDENTIALS,
    approver: yesForGood,
    grants: new Grants({ clock: systemClock, onError: fail }),
    workspace: '/workspace',
    onTrace: (entry) => {
      ring.push(entry);
      traceFile.sink(entry);
    },
    auditLog,
    ids: systemIds,
    onProblem: fail,
  });
  for (const { message } of [...read.problems, ...governance.problems()]) throw new Error(message);
  await servers.start(SERVER, new AbortController().signal);
  return {
    call: caller(governance.invoke),
    async settled() {
      await traceFile.flush();
      await auditLog.append({ ...MARK, at: Date.now() }, true);
    },
    async dispose() {
      await servers.dispose();
      await traceFile.flush();
      await auditLog.close();
      await processes.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function caller(invoke: Invoke): FullStack['call'] {
  let calls = 0;
  return (size, args) => {
    calls += 1;
    const call: Call = {
      request: { kind: 'tool', tool: toolOf(size), args },
      server: SERVER,
      principal: { kind: 'agent', id: 'bench' },
      run: 'run-1',
      step: 'exchange',
      item: calls,
      signal: new AbortController().signal,
      meta: {},
    };
    return invoke(call);
  };
}

function layersOff(names: readonly string[]): string {
  return names.length === 0 ? '' : `layers:\n${names.map((name) => `  ${name}: false`).join('\n')}\n`;
}

/** The person who granted the whole server for good when first asked. */
const yesForGood: Approver = {
  submit: async () => 'approval-1',
  waitForDecision: async () => ({ approved: true, scope: 'always', reach: 'server', by: 'bench', at: Date.now() }),
};

/** Asked for at once, it is on disk when everything before it is. */
const MARK = {
  kind: 'outcome',
  callId: 'mark',
  principal: null,
  server: SERVER,
  target: 'mark',
  argumentsHash: '',
} as const;

function fail(problem: unknown): never {
  throw problem instanceof Error ? problem : new Error(String(problem));
}

const CREDENTIALS: readonly string[] = Array.from({ length: 20 }, (_, index) =>
  Buffer.from(`credential ${index} of the benchmark, ${index * 7919}`)
    .toString('base64')
    .slice(4, 44),
);

/** Twenty rules, five of which are about the tool that is called; five kinds of minimization; an hour of cache. */
const CONFIG = `
version: 1
tools:
  '*.*': { rateLimit: { perSecond: 1000000, burst: 1000000 } }
  'exchange.*': { cache: 1h, idempotent: true, risk: medium, affects: [orders] }
permissions:
  - { effect: ask, tools: 'exchange.*' }
  - { effect: allow, tools: '*.*', principals: [person] }
  - { effect: deny, tools: '*.delete_*' }
  - { effect: deny, tools: 'exchange.exchange_*', when: [{ path: order.line.qty, range: { min: 100 } }] }
  - { effect: deny, tools: 'exchange.*', principals: [automation] }
  - { effect: ask, tools: '*.*', principals: ['agent:*'], when: [{ path: kind, in: [return, refund] }] }
${Array.from({ length: 14 }, (_, index) => `  - { effect: allow, tools: 'other-${index}.read_*', principals: ['pipeline:p${index}'] }`).join('\n')}
minimize:
  - { tools: 'exchange.*', input: { remove: [ssn] }, output: { remove: [ssn] } }
  - { tools: '*.*', input: { remove: ['customer.secret', '$.internal'] }, output: { remove: ['customer.secret'] } }
  - { tools: '*.*', input: { mask: [{ field: card, keepLast: 4 }] }, output: { mask: [{ field: card, keepLast: 4 }] } }
  - { tools: '*.*', input: { mask: [{ field: iban }] }, output: { mask: [{ field: iban }] } }
  - { tools: 'exchange.*', input: { detect: [email] }, output: { detect: [email] } }
`;
