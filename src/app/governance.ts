/** The stack as the configuration wants it: each layer built from its section, in the one order there is. */
import type { Clock } from '../base/clock.ts';
import type { IdSource } from '../base/ids.ts';
import {
  type Approver,
  type AuditLog,
  BUNDLED_SERVERS,
  type Call,
  type Decision,
  type Invoke,
  type Problem,
  type RateLimit,
  type ServerDirectory,
  type ServerId,
  type TraceSink,
} from '../contracts/index.ts';
import { identifyCall } from '../middleware/approval/binding.ts';
import type { Grants } from '../middleware/approval/grants.ts';
import { approval } from '../middleware/approval.ts';
import { audit } from '../middleware/audit.ts';
import { breaker } from '../middleware/breaker.ts';
import { cache } from '../middleware/cache.ts';
import { composeStack, type Layers } from '../middleware/compose.ts';
import { concurrency } from '../middleware/concurrency.ts';
import { KnownSecrets } from '../middleware/minimize/known-secrets.ts';
import { minimizeInput } from '../middleware/minimize-input.ts';
import { minimizeOutput } from '../middleware/minimize-output.ts';
import { readPermissions } from '../middleware/permissions/policy.ts';
import { permissions } from '../middleware/permissions.ts';
import { rateLimit } from '../middleware/rate-limit.ts';
import { recovery } from '../middleware/recovery.ts';
import { retry } from '../middleware/retry.ts';
import { timeout } from '../middleware/timeout.ts';
import { trace } from '../middleware/trace.ts';
import { createPolicies, type Policies } from './config/policy.ts';
import type { ReadConfig } from './config/user-config.ts';

export interface GovernanceOptions {
  readonly clock: Clock;
  readonly servers: ServerDirectory;
  readonly read: ReadConfig;
  /** Credentials that were resolved for servers: they leave no call and no reply. */
  readonly knownSecrets: () => readonly string[];
  readonly approver: Approver;
  readonly grants: Grants;
  /** What "this workspace" means for a grant. */
  readonly workspace: string;
  readonly onTrace: TraceSink;
  /** @default nothing is recorded */
  readonly auditLog?: AuditLog | undefined;
  readonly ids: IdSource;
  /** Told what a layer could not do, when the call goes on all the same. */
  readonly onProblem: (message: string) => void;
}

export interface Governance {
  /** The governed way to every server. */
  readonly invoke: Invoke;
  /** What is wrong with the rules. */
  readonly problems: readonly Problem[];
}

export function createGovernance(options: GovernanceOptions): Governance {
  const { layers, problems } = governanceLayers(options);
  return { invoke: composeStack(options.servers.invoke, layers), problems };
}

/** Only what is switched on; a section that says `false` leaves its layer out. */
export function governanceLayers(options: GovernanceOptions): {
  readonly layers: Layers;
  readonly problems: readonly Problem[];
} {
  const { clock, servers, read, approver, grants, workspace, auditLog, ids, onProblem } = options;
  const { layers, minimize } = read.config;
  const policies = createPolicies(read.config);
  const known = new KnownSecrets({ secrets: options.knownSecrets });
  const { policyOf } = policies;
  const isIdempotent = (server: string, tool: string): boolean => policyOf(server, tool).idempotent;
  const { policy, problems } = readPermissions({
    user: read.config.permissions.map((rule, index) => ({ ...rule, range: read.permissionRanges[index] })),
  });
  const redact = (text: string): string => known.redact(text);
  const built = {
    trace: unlessOff(layers.trace, () => trace({ clock, sink: options.onTrace, redact })),
    minimizeInput: unlessOff(layers.minimizeInput, () =>
      minimizeInput({ clock, rules: minimize, known, needsDigest: () => auditLog !== undefined }),
    ),
    audit: unlessOff(layers.audit, () => auditLog && audit({ log: auditLog, clock, ids, policyOf, redact })),
    permissions: unlessOff(layers.permissions, () =>
      permissions({
        policy: () => policy,
        readOnlyTools: BUNDLED_TOOLS,
        defaultEffect: byDefault(read),
        asks: layers.approval !== false,
      }),
    ),
    approval: unlessOff(layers.approval, (section) =>
      approval({ clock, approver, grants, policy: policyOf, servers, workspace, timeoutMs: section.timeout }),
    ),
    cache: unlessOff(layers.cache, ({ entries, bytes, staleWhileRevalidate }) =>
      cache({
        clock,
        policyOf,
        identify: (call) => identifyCall(servers, call),
        onProblem,
        maxEntries: entries,
        maxBytes: bytes,
        staleMs: staleWhileRevalidate,
      }),
    ),
    minimizeOutput: unlessOff(layers.minimizeOutput, () => minimizeOutput({ clock, rules: minimize, known })),
    retry: unlessOff(layers.retry, ({ base, maxWait, ...section }) =>
      retry({ clock, isIdempotent, baseMs: base, maxWaitMs: maxWait, ...section }),
    ),
    breaker: unlessOff(layers.breaker, ({ window, rest, ...section }) =>
      breaker({ clock, windowMs: window, restMs: rest, ...section }),
    ),
    rateLimit: unlessOff(layers.rateLimit, (section) => rateLimit({ clock, limitOf: limitOf(section, policies) })),
    concurrency: unlessOff(layers.concurrency, ({ global, perServer }) =>
      concurrency({ global, perServer: (server) => perServer[server] }),
    ),
    timeout: unlessOff(layers.timeout, ({ initial, min, max, factor, minSamples }) =>
      timeout({ clock, servers, initialMs: initial, minMs: min, maxMs: max, factor, minSamples }),
    ),
    recovery: unlessOff(layers.recovery, ({ tries, pause }) => recovery({ clock, servers, tries, pauseMs: pause })),
  };
  return { layers: withoutAbsent(built), problems };
}

/** The tools of bundled servers only read. */
const BUNDLED_TOOLS = BUNDLED_SERVERS.map((id) => `${id}.*`);

/** Before the built-in defaults: nothing may slip through lost rules, and a step goes where its user pointed it. */
function byDefault({ config, lostRules }: ReadConfig): (call: Call) => Decision | undefined {
  const pointed = new Set(Object.values(config.pipelines).flatMap((steps) => Object.values(steps)));
  return ({ server, request, principal }) => {
    if (lostRules !== undefined && !BUNDLED_SERVERS.some((id) => id === server)) {
      return {
        effect: 'deny',
        because: `denied because ${lostRules}: until it is corrected only bundled servers are called`,
      };
    }
    const own = principal?.kind === 'pipeline' && request.kind === 'tool' && pointed.has(`${server}.${request.tool}`);
    return own ? { effect: 'allow', because: 'allowed: the configuration points the step at this tool' } : undefined;
  };
}

/** What a tool's policy says; else the section's limit, which bundled servers are free of. */
function limitOf(
  { perSecond, burst = Math.max(1, perSecond) }: { perSecond: number; burst?: number | undefined },
  policies: Policies,
): (server: ServerId, tool: string) => RateLimit | undefined {
  const bundled = new Set<string>(BUNDLED_SERVERS);
  const limit: RateLimit = { perSecond, burst };
  return (server, tool) => {
    const written = policies.rateLimitOf(server, tool) ?? (bundled.has(server) ? false : limit);
    return written === false ? undefined : written;
  };
}

function unlessOff<Section extends object, Built>(
  section: Section | false,
  build: (section: Section) => Built,
): Built | undefined {
  return section === false ? undefined : build(section);
}

function withoutAbsent(layers: Record<string, Layers[keyof Layers]>): Layers {
  return Object.fromEntries(Object.entries(layers).filter(([, layer]) => layer !== undefined)) as Layers;
}
