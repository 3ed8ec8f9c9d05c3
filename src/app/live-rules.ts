/** What the configuration says, as of now: layers that outlive an edit of it ask here on every call. */
import {
  BUNDLED_SERVERS,
  type Call,
  type Decision,
  type PolicyOf,
  type Problem,
  type RateLimit,
  type ServerId,
} from '../contracts/index.ts';
import { type PermissionPolicy, readPermissions } from '../middleware/permissions/policy.ts';
import { createPolicies, type Policies, usualLimitOf } from './config/policy.ts';
import type { ReadConfig } from './config/read-config.ts';

export class LiveRules {
  #read: ReadConfig;
  #policies: Policies;
  #permissions: PermissionPolicy;
  #problems: readonly Problem[];
  #pointed: ReadonlySet<string>;

  constructor(read: ReadConfig) {
    const { policy, problems } = permissionsOf(read);
    this.#read = read;
    this.#policies = createPolicies(read.config, read.workspaces);
    this.#permissions = policy;
    this.#problems = problems;
    this.#pointed = pointedOf(read);
  }

  get config(): ReadConfig['config'] {
    return this.#read.config;
  }

  /** What is wrong with the rules. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** Counts from the next call on. */
  replace(read: ReadConfig): void {
    const { policy, problems } = permissionsOf(read);
    this.#policies = createPolicies(read.config, read.workspaces);
    this.#permissions = policy;
    this.#problems = problems;
    this.#pointed = pointedOf(read);
    this.#read = read;
  }

  readonly permissions = (): PermissionPolicy => this.#permissions;
  readonly policyOf: PolicyOf = (server, tool) => this.#policies.policyOf(server, tool);
  readonly isIdempotent = (server: ServerId, tool: string): boolean => this.policyOf(server, tool).idempotent;

  /** A server that remembers what it was told is not told things twice. */
  readonly isHedged = (server: ServerId, tool: string): boolean =>
    this.#policies.isHedged(server, tool) && this.#read.config.servers[server]?.stateful !== true;

  /** What a tool's policy says; else the section's limit, which bundled servers are free of. */
  readonly rateLimitOf = (server: ServerId, tool: string): RateLimit | undefined => {
    const usual = isBundled(server) ? false : usualLimitOf(this.#read.config.layers);
    return this.#policies.rateLimitOf(server, tool, usual) || undefined;
  };

  /** Before the built-in defaults: nothing may slip through lost rules, and a step goes where its user pointed it. */
  readonly defaultEffect = ({ server, request, principal }: Call): Decision | undefined => {
    const { lostRules } = this.#read;
    if (lostRules !== undefined && !isBundled(server)) {
      return {
        effect: 'deny',
        because: `denied because ${lostRules}: until it is corrected only bundled servers are called`,
      };
    }
    const isStep = principal?.kind === 'pipeline' && request.kind === 'tool';
    const isPointed = isStep && this.#pointed.has(`${server}.${request.tool}`);
    return isPointed
      ? { effect: 'allow', because: 'allowed: the configuration points the step at this tool' }
      : undefined;
  };
}

function permissionsOf(read: ReadConfig): ReturnType<typeof readPermissions> {
  const lost = read.workspaces.find(({ lostRules }) => lostRules !== undefined)?.lostRules;
  return readPermissions({
    user: read.config.permissions.map((rule, index) => ({ ...rule, range: read.permissionRanges[index] })),
    workspaces: read.workspaces.map(({ permissions }) => permissions),
    ...(lost === undefined
      ? {}
      : { lost: `to be asked, because ${lost}: nothing is allowed in this workspace until it is corrected` }),
  });
}

function pointedOf({ config }: ReadConfig): ReadonlySet<string> {
  return new Set(Object.values(config.pipelines).flatMap((steps) => Object.values(steps)));
}

function isBundled(server: ServerId): boolean {
  return BUNDLED_SERVERS.some((id) => id === server);
}
