/** What people have approved beyond one call: found, used up, voided, listed and revoked. */
import type { Clock } from '../../base/clock.ts';
import { Emitter, type Event } from '../../base/events.ts';
import type { Grant, GrantStorage, RunId, ServerId } from '../../contracts/index.ts';
import { type Binding, NO_DEFINITION } from './binding.ts';

export interface GrantsOptions {
  readonly clock: Clock;
  /** Where grants outlive the process. @default they end with it */
  readonly storage?: GrantStorage | undefined;
  /** Receives what a listener or the storage threw while a grant was used. */
  readonly onError: (error: unknown) => void;
}

/** Between two looks at what other processes granted and revoked, milliseconds. */
const LOOK_MS = 1_000;

/** Finds the grants of a server without looking at those of others. */
export class Grants {
  readonly #clock: Clock;
  readonly #storage: GrantStorage | undefined;
  readonly #byServer = new Map<ServerId, Grant[]>();
  readonly #onError: (error: unknown) => void;
  readonly #changes: Emitter<void>;
  /** Being written: a look at the storage that began before does not bring them yet. */
  readonly #saving = new Set<string>();
  /** Ended here; a look at the storage that began before may still bring them. */
  readonly #gone = new Set<string>();
  #lookedAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | undefined;

  constructor(options: GrantsOptions) {
    this.#onError = options.onError;
    this.#clock = options.clock;
    this.#storage = options.storage;
    this.#changes = new Emitter(options.onError);
  }

  /** Fires after a grant was added, used up, voided or revoked. */
  get onChange(): Event<void> {
    return this.#changes.event;
  }

  /** Takes over what other processes granted, used and revoked. */
  refresh(): Promise<void> {
    this.#lookedAt = this.#clock.now();
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** The same, at most once a second; undefined when that has just been done. */
  refreshWhenOld(): Promise<void> | undefined {
    if (this.#storage === undefined) return undefined;
    if (this.#clock.now() < this.#lookedAt + LOOK_MS) return this.#looking;
    return this.refresh().catch(this.#onError);
  }

  /** Newest first. */
  list(): readonly Grant[] {
    const now = this.#clock.now();
    return [...this.#byServer.values()]
      .flat()
      .filter((grant) => !isExpired(grant, now))
      .sort((a, b) => b.at - a.at);
  }

  /** Counts from now on, also for calls that are waiting for an answer; one that cannot be kept ends with us. */
  async add(grant: Grant): Promise<void> {
    this.#put(grant);
    this.#gone.delete(grant.id);
    this.#saving.add(grant.id);
    this.#changes.fire();
    try {
      await this.#storage?.save(grant);
    } catch (error) {
      this.#onError(error);
    } finally {
      this.#saving.delete(grant.id);
    }
  }

  /** @returns false when there was no such grant (any more). */
  async revoke(id: string): Promise<boolean> {
    const grant = this.#find(id);
    if (grant === undefined) return false;
    return this.#discard(grant);
  }

  /** Grants for a run end with it. */
  async endRun(run: RunId): Promise<void> {
    const ended = [...this.#byServer.values()].flat().filter((grant) => grant.scope === 'run' && grant.run === run);
    for (const grant of ended) await this.#discard(grant);
  }

  /** A grant for more than one call that covers this one as it is now. */
  standing(binding: Binding): Grant | undefined {
    const now = this.#clock.now();
    return this.#byServer
      .get(binding.server)
      ?.find(
        (grant) =>
          grant.scope !== 'once' && isFor(grant, binding) && isUnchanged(grant, binding) && !isExpired(grant, now),
      );
  }

  /** Uses up a grant for exactly this call: of any number of callers, one gets it. */
  async takeOnce(binding: Binding): Promise<Grant | undefined> {
    for (;;) {
      const now = this.#clock.now();
      const grant = this.#byServer
        .get(binding.server)
        ?.find(
          (each) =>
            each.scope === 'once' && isFor(each, binding) && isUnchanged(each, binding) && !isExpired(each, now),
        );
      if (grant === undefined) return undefined;
      // Gone from memory before anybody else of this process can look; the storage decides between processes.
      this.#forget(grant);
      this.#changes.fire();
      if (this.#storage === undefined || (await this.#storage.remove(grant.id))) return grant;
    }
  }

  /** Ends what was granted for this tool when it, or its server, was another. @returns what has been voided. */
  async voidChanged(binding: Binding): Promise<readonly Grant[]> {
    const changed = (this.#byServer.get(binding.server) ?? []).filter(
      (grant) => isAbout(grant, binding) && !isUnchanged(grant, binding),
    );
    for (const grant of changed) await this.#voidFor(grant, binding);
    return changed;
  }

  dispose(): void {
    this.#changes.dispose();
  }

  /** A grant for a whole server goes on for its other tools, unless the server itself is another. */
  async #voidFor(grant: Grant, binding: Binding): Promise<void> {
    const { [binding.tool]: _, ...others } = grant.definitions;
    const wholly = grant.reach === 'tool' || grant.serverIdentity !== binding.serverIdentity;
    const isOurs = await this.#discard(grant);
    if (isOurs && !wholly && Object.keys(others).length > 0) await this.add({ ...grant, definitions: others });
  }

  /** @returns false when another process was first */
  async #discard(grant: Grant): Promise<boolean> {
    this.#forget(grant);
    this.#changes.fire();
    return this.#storage === undefined || this.#storage.remove(grant.id);
  }

  async #look(): Promise<void> {
    const stored = (await this.#storage?.load()) ?? [];
    const live = stored.filter(({ id }) => !this.#gone.has(id));
    const ids = new Set(stored.map(({ id }) => id));
    for (const id of this.#gone) if (!ids.has(id)) this.#gone.delete(id);
    const ended = [...this.#byServer.values()].flat().filter(({ id }) => !ids.has(id) && !this.#saving.has(id));
    for (const grant of ended) this.#forget(grant);
    for (const grant of live) {
      if (isExpired(grant, this.#clock.now())) await this.#discard(grant);
      else if (!this.#saving.has(grant.id)) this.#put(grant);
    }
    this.#changes.fire();
  }

  #find(id: string): Grant | undefined {
    return [...this.#byServer.values()].flat().find((grant) => grant.id === id);
  }

  #put(grant: Grant): void {
    const others = (this.#byServer.get(grant.server) ?? []).filter(({ id }) => id !== grant.id);
    this.#byServer.set(grant.server, [...others, grant]);
  }

  #forget(grant: Grant): void {
    if (this.#storage !== undefined) this.#gone.add(grant.id);
    const left = (this.#byServer.get(grant.server) ?? []).filter(({ id }) => id !== grant.id);
    if (left.length === 0) this.#byServer.delete(grant.server);
    else this.#byServer.set(grant.server, left);
  }
}

function isExpired(grant: Grant, now: number): boolean {
  return grant.expiresAt !== undefined && grant.expiresAt <= now;
}

function isFor(grant: Grant, binding: Binding): boolean {
  if (!isSamePrincipal(grant, binding)) return false;
  const sameTool = grant.tool === binding.tool;
  switch (grant.scope) {
    case 'once':
      return (
        sameTool &&
        grant.argumentsDigest === binding.argumentsDigest &&
        (grant.run === undefined || grant.run === binding.run)
      );
    case 'run':
      return (sameTool || grant.reach === 'server') && grant.run !== undefined && grant.run === binding.run;
    case 'workspace':
      return (sameTool || grant.reach === 'server') && grant.workspace === binding.workspace;
    case 'always':
      return sameTool || grant.reach === 'server';
  }
}

/** Whether it was ever about this tool, as it is or as it was. */
function isAbout(grant: Grant, binding: Binding): boolean {
  if (grant.reach === 'tool' || grant.scope === 'once') return grant.tool === binding.tool;
  return grant.serverIdentity !== binding.serverIdentity || Object.hasOwn(grant.definitions, binding.tool);
}

function isUnchanged(grant: Grant, binding: Binding): boolean {
  if (grant.serverIdentity !== binding.serverIdentity) return false;
  // Resources and prompts have no definition: with the whole server they are granted too.
  if (binding.definitionHash === NO_DEFINITION && grant.reach === 'server') return true;
  return (
    Object.hasOwn(grant.definitions, binding.tool) && grant.definitions[binding.tool]?.hash === binding.definitionHash
  );
}

function isSamePrincipal({ principal }: Grant, binding: Binding): boolean {
  return principal.kind === binding.principal.kind && principal.id === binding.principal.id;
}
