/** Which protocol era to try a server with, remembered from the last time. */
import { createHash } from 'node:crypto';
import type { PriorDiscovery, VersionNegotiationOptions } from '@modelcontextprotocol/client';
import type { Clock } from '../base/clock.ts';
import { canonicalJson } from '../base/json.ts';
import type { EraMemory, ServerDefinition } from '../contracts/server.ts';

export type Era = 'legacy' | 'modern';

/** Milliseconds a silent server has to answer the probe before it is taken for an old one. */
const PROBE_MS = 1_500;
/** A server that has spoken the new protocol before is slow rather than old when it is silent. */
const PATIENT_PROBE_MS = 15_000;
/** An old server may have been upgraded since, and still answers the old handshake: nobody would ever notice. */
const LEGACY_TTL_MS = 24 * 60 * 60 * 1_000;

/** How to connect: with a probe, or straight with the old handshake. */
export interface Approach {
  readonly prior: PriorDiscovery | undefined;
  readonly versionNegotiation: VersionNegotiationOptions;
}

export const LEGACY_APPROACH: Approach = { prior: { kind: 'legacy' }, versionNegotiation: { mode: 'legacy' } };

export function probing(timeoutMs = PROBE_MS): Approach {
  return { prior: undefined, versionNegotiation: { mode: 'auto', probe: { timeoutMs } } };
}

/** The part of a definition that decides what answers: everything but where it was written. */
export function definitionDigest(definition: ServerDefinition): string {
  const { id, launch, inputs } = definition;
  return createHash('sha256').update(canonicalJson({ id, launch, inputs })).digest('hex');
}

export class EraVerdicts {
  readonly #memory: EraMemory;
  readonly #clock: Clock;

  constructor(memory: EraMemory, clock: Clock) {
    this.#memory = memory;
    this.#clock = clock;
  }

  async approach(key: string): Promise<Approach> {
    const verdict = await this.#memory.get(key);
    if (verdict?.era === 'modern') return probing(PATIENT_PROBE_MS);
    const at = verdict?.at;
    const fresh = typeof at === 'number' && this.#clock.now() - at < LEGACY_TTL_MS;
    return verdict?.era === 'legacy' && fresh ? LEGACY_APPROACH : probing();
  }

  /** A legacy verdict keeps its date, for it is the date of the last probe and not of the last use. */
  async remember(key: string, era: Era): Promise<void> {
    const known = await this.#memory.get(key);
    const expired = era === 'legacy' && (await this.approach(key)) !== LEGACY_APPROACH;
    if (known?.era !== era || expired) await this.#memory.set(key, { era, at: this.#clock.now() });
  }

  forget(key: string): Promise<void> {
    return this.#memory.delete(key);
  }
}
