/** The stack as the configuration wants it: each layer built from its section, in the one order there is. */
import type { Clock } from '../base/clock.ts';
import type { IdSource } from '../base/ids.ts';
import {
  type Approver,
  type AuditLog,
  BUNDLED_SERVERS,
  type Call,
  type Decision,
  type IdempotencyStore,
  type Invoke,
  type Middleware,
  type Problem,
  type RateLimiterStore,
  type ServerDirectory,
  type SharedCache,
  type TraceSink,
} from '../contracts/index.ts';
import { identifyCall } from '../middleware/approval/binding.ts';
import type { Grants } from '../middleware/approval/grants.ts';
import { approval } from '../middleware/approval.ts';
import { audit } from '../middleware/audit.ts';
import { breaker } from '../middleware/breaker.ts';
import { cache } from '../middleware/cache.ts';
import { composeStack, LAYERS, type LayerName, type Layers } from '../middleware/compose.ts';
import { concurrency } from '../middleware/concurrency.ts';
import { CallMetrics } from '../middleware/metrics.ts';
import { idempotency } from '../middleware/idempotency.ts';
import { createMemoryIdempotencyStore } from '../middleware/memory-idempotency.ts';
import { hedge } from '../middleware/hedge.ts';
import { KnownSecrets } from '../middleware/minimize/known-secrets.ts';
import { minimizeInput } from '../middleware/minimize-input.ts';
import { minimizeOutput } from '../middleware/minimize-output.ts';
import { explainPermissions, permissions, type PermissionsOptions } from '../middleware/permissions.ts';
import { rateLimit } from '../middleware/rate-limit.ts';
import { recovery } from '../middleware/recovery.ts';
import { retry } from '../middleware/retry.ts';
import { AdaptiveLimits, timeout } from '../middleware/timeout.ts';
import { trace } from '../middleware/trace.ts';
import type { UserConfig } from './config/schema.ts';
import type { ReadConfig } from './config/read-config.ts';
import { LiveRules } from './live-rules.ts';

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
  /** Where finished calls are remembered. @default this process's memory */
  readonly finished?: IdempotencyStore | undefined;
  /** Cached replies and limits that others share. @default each process has its own */
  readonly shared?: { readonly cache: SharedCache; readonly limits: RateLimiterStore } | undefined;
  /** Told what a layer could not do, when the call goes on all the same. */
  readonly onProblem: (message: string) => void;
}

export interface Governance {
  /** The governed way to every server; it stays the same through edits of the configuration. */
  readonly invoke: Invoke;
  /** What is wrong with the rules. */
  problems(): readonly Problem[];
  /** What the permissions say of a call as they are now, without making it. */
  readonly explain: (call: Call) => Decision;
  /** How the calls went so far. */
  readonly metrics: CallMetrics;
  /**
   * Takes over an edited configuration from the next call on; calls that are under way end as they began. A layer whose
   * section is the same goes on with what it has learned and what it holds.
   */
  reconfigure(read: ReadConfig): void;
}

export function createGovernance(options: GovernanceOptions): Governance {
  const rules = new LiveRules(options.read);
  let limits: AdaptiveLimits | undefined;
  const metrics = new CallMetrics({
    clock: options.clock,
    limitOf: (server, target) =>
      rules.config.layers.timeout === false ? undefined : limits?.limitFor(`${server}.${target}`),
  });
  const onLimits = (made: AdaptiveLimits): void => {
    limits = made;
  };
  const parts = layerParts({ ...options, metrics, onLimits }, rules);
  let built = buildLayers(parts(rules.config), {});
  let stack = composeStack(options.servers.invoke, layersOf(built));
  return {
    invoke: (call) => stack(call),
    problems: () => rules.problems,
    explain: (call) => {
      const { permissions: section, approval: asking } = rules.config.layers;
      if (section === false) return { effect: 'allow', because: 'permissions are switched off' };
      return explainPermissions(permissionOptions(rules, asking !== false))(call);
    },
    metrics,
    reconfigure: (read) => {
      rules.replace(read);
      built = buildLayers(parts(read.config), built);
      stack = composeStack(options.servers.invoke, layersOf(built));
    },
  };
}

/** How a layer is made, and what it is made from: another layer of the same key would be the same. */
interface LayerPart {
  readonly key: string;
  readonly build: () => Middleware | undefined;
}

interface BuiltLayer {
  readonly key: string;
  readonly layer: Middleware | undefined;
}

type Parts = Partial<Record<LayerName, LayerPart | undefined>>;
type Built = Partial<Record<LayerName, BuiltLayer>>;

function buildLayers(parts: Parts, before: Built): Built {
  const built: Built = {};
  for (const name of LAYERS) {
    const part = parts[name];
    if (part === undefined) continue;
    const known = before[name];
    built[name] = known?.key === part.key ? known : { key: part.key, layer: part.build() };
  }
  return built;
}

function layersOf(built: Built): Layers {
  return Object.fromEntries(
    Object.entries(built).flatMap(([name, { layer }]) => (layer === undefined ? [] : [[name, layer]])),
  );
}

interface LayerOptions extends GovernanceOptions {
  readonly metrics: CallMetrics;
  /** Told which limits the time-out learns from now on. */
  readonly onLimits: (limits: AdaptiveLimits) => void;
}

/** Only what is switched on; a section that says `false` leaves its layer out. */
function layerParts(options: LayerOptions, rules: LiveRules): (config: UserConfig) => Parts {
  const { clock, servers, approver, grants, workspace, auditLog, ids, onProblem } = options;
  const { metrics } = options;
  const { policyOf, isIdempotent } = rules;
  const { finished = createMemoryIdempotencyStore({ clock }), shared } = options;
  const known = new KnownSecrets({ secrets: options.knownSecrets });
  const redact = (text: string): string => known.redact(text);
  return ({ layers, minimize }) => ({
    trace: unlessOff(layers.trace, () => trace({ clock, metrics, sink: options.onTrace, redact })),
    minimizeInput: unlessOff(
      layers.minimizeInput,
      () => minimizeInput({ clock, rules: minimize, known, needsDigest: () => auditLog !== undefined }),
      minimize,
    ),
    audit: unlessOff(layers.audit, () => auditLog && audit({ log: auditLog, clock, ids, policyOf, redact })),
    permissions: unlessOff(
      layers.permissions,
      () => permissions(permissionOptions(rules, layers.approval !== false)),
      layers.approval !== false,
    ),
    approval: unlessOff(layers.approval, (section) =>
      approval({ clock, approver, grants, policy: policyOf, servers, workspace, timeoutMs: section.timeout }),
    ),
    cache: unlessOff(layers.cache, ({ entries, bytes, staleWhileRevalidate }) =>
      cache({
        clock,
        policyOf,
        identify: (call) => identifyCall(servers, call),
        start: (call) => servers.start(call.server, call.signal),
        onProblem,
        maxEntries: entries,
        maxBytes: bytes,
        staleMs: staleWhileRevalidate,
        shared: shared?.cache,
      }),
    ),
    idempotency: unlessOff(layers.idempotency, ({ ttl, lease }) =>
      idempotency({
        clock,
        store: finished,
        isIdempotent,
        onlyReads: isBundled,
        onProblem,
        ttlMs: ttl,
        leaseMs: lease,
      }),
    ),
    minimizeOutput: unlessOff(layers.minimizeOutput, () => minimizeOutput({ clock, rules: minimize, known }), minimize),
    ...attemptParts(options, rules, layers),
  });
}

function permissionOptions(rules: LiveRules, asks: boolean): PermissionsOptions {
  return { policy: rules.permissions, readOnlyTools: BUNDLED_TOOLS, defaultEffect: rules.defaultEffect, asks };
}

/** The layers around each attempt at a server. */
function attemptParts(options: LayerOptions, rules: LiveRules, layers: UserConfig['layers']): Parts {
  const { clock, servers, shared, onLimits } = options;
  const { isIdempotent } = rules;
  return {
    hedge: unlessOff(layers.hedge, ({ initial, ...section }) =>
      hedge({ clock, isEnabled: rules.isHedged, isIdempotent, initialMs: initial, ...section }),
    ),
    retry: unlessOff(layers.retry, ({ base, maxWait, ...section }) =>
      retry({ clock, isIdempotent, baseMs: base, maxWaitMs: maxWait, ...section }),
    ),
    breaker: unlessOff(layers.breaker, ({ window, rest, ...section }) =>
      breaker({ clock, windowMs: window, restMs: rest, ...section }),
    ),
    rateLimit: unlessOff(layers.rateLimit, () =>
      rateLimit({ clock, limitOf: rules.rateLimitOf, store: shared?.limits }),
    ),
    concurrency: unlessOff(layers.concurrency, ({ global, perServer }) =>
      concurrency({ clock, global, perServer: (server) => own(perServer, server) }),
    ),
    timeout: unlessOff(layers.timeout, ({ initial, min, max, factor, minSamples }) => {
      const limits = new AdaptiveLimits({ initialMs: initial, minMs: min, maxMs: max, factor, minSamples });
      onLimits(limits);
      return timeout({ clock, servers }, limits);
    }),
    recovery: unlessOff(layers.recovery, ({ tries, pause }) => recovery({ clock, servers, tries, pauseMs: pause })),
  };
}

/** A server may be called like what every object has. */
function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function isBundled(server: string): boolean {
  return BUNDLED_SERVERS.some((id) => id === server);
}

/** The tools of bundled servers only read. */
const BUNDLED_TOOLS = BUNDLED_SERVERS.map((id) => `${id}.*`);

/** @param further - what the layer is made from besides its section */
function unlessOff<Section extends object>(
  section: Section | false,
  build: (section: Section) => Middleware | undefined,
  further?: unknown,
): LayerPart | undefined {
  if (section === false) return undefined;
  return { key: JSON.stringify([section, further ?? null]), build: () => build(section) };
}
