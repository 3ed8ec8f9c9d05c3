/** The stack as the configuration wants it: each layer built from its section, in the one order there is. */
import type { Clock } from '../base/clock.ts';
import {
  BUNDLED_SERVERS,
  type Invoke,
  type RateLimit,
  type ServerDirectory,
  type ServerId,
  type TraceSink,
} from '../contracts/index.ts';
import { breaker } from '../middleware/breaker.ts';
import { composeStack, type Layers } from '../middleware/compose.ts';
import { concurrency } from '../middleware/concurrency.ts';
import { minimizeInput } from '../middleware/minimize-input.ts';
import { minimizeOutput } from '../middleware/minimize-output.ts';
import { KnownSecrets } from '../middleware/minimize/known-secrets.ts';
import { rateLimit } from '../middleware/rate-limit.ts';
import { recovery } from '../middleware/recovery.ts';
import { retry } from '../middleware/retry.ts';
import { timeout } from '../middleware/timeout.ts';
import { trace } from '../middleware/trace.ts';
import { createPolicies, type Policies } from './config/policy.ts';
import type { UserConfig } from './config/schema.ts';

export interface GovernanceOptions {
  readonly clock: Clock;
  readonly servers: ServerDirectory;
  readonly config: UserConfig;
  /** Credentials that were resolved for servers: they leave no call and no reply. */
  readonly knownSecrets: () => readonly string[];
  readonly onTrace: TraceSink;
}

/** The governed way to every server. */
export function governedInvoke(options: GovernanceOptions): Invoke {
  return composeStack(options.servers.invoke, governanceLayers(options));
}

/** Only what is switched on; a section that says `false` leaves its layer out. */
export function governanceLayers(options: GovernanceOptions): Layers {
  const { clock, servers, config } = options;
  const { layers } = config;
  const policies = createPolicies(config);
  const known = new KnownSecrets({ secrets: options.knownSecrets });
  const isIdempotent = (server: string, tool: string): boolean => policies.policyOf(server, tool).idempotent;
  return withoutAbsent({
    trace: trace({ clock, sink: options.onTrace, redact: (text) => known.redact(text) }),
    minimizeInput: minimizeInput({ clock, rules: config.minimize, known, needsDigest: () => false }),
    minimizeOutput: minimizeOutput({ clock, rules: config.minimize, known }),
    retry: unlessOff(layers.retry, ({ base, maxWait, ...section }) =>
      retry({ clock, isIdempotent, baseMs: base, maxWaitMs: maxWait, ...section }),
    ),
    breaker: unlessOff(layers.breaker, ({ window, rest, ...section }) =>
      breaker({ clock, windowMs: window, restMs: rest, ...section }),
    ),
    rateLimit: unlessOff(layers.rateLimit, (section) => rateLimit({ clock, limitOf: limitOf(section, policies) })),
    concurrency: unlessOff(layers.concurrency, ({ global, perServer = {} }) =>
      concurrency({ ...(global === undefined ? {} : { global }), perServer: (server) => perServer[server] }),
    ),
    timeout: unlessOff(layers.timeout, ({ initial, min, max, factor, minSamples }) =>
      timeout({ clock, servers, initialMs: initial, minMs: min, maxMs: max, factor, minSamples }),
    ),
    recovery: unlessOff(layers.recovery, ({ tries, pause }) => recovery({ clock, servers, tries, pauseMs: pause })),
  });
}

/** Calls per second to one tool of one server, unless the configuration says otherwise. */
const DEFAULT_PER_SECOND = 10;

/** What a tool's policy says; else the section's limit, which bundled servers are free of. */
function limitOf(
  { perSecond = DEFAULT_PER_SECOND, burst = Math.max(1, perSecond) }: { perSecond?: number; burst?: number },
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
  section: Section | false | undefined,
  build: (section: Section | Record<string, never>) => Built,
): Built | undefined {
  return section === false ? undefined : build(section ?? {});
}

function withoutAbsent(layers: Record<string, Layers[keyof Layers]>): Layers {
  return Object.fromEntries(Object.entries(layers).filter(([, layer]) => layer !== undefined)) as Layers;
}
