/** What every detector of this room returns: where a secret stands and what is known about it. */
import type { Confidence, Severity } from '../../../contracts/index.ts';

export interface SecretDetection {
  /** The part after `secret/`. */
  readonly rule: string;
  /** What it is, as it reads in a sentence: `GitHub token`. */
  readonly title: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** Offsets of the value in the text. */
  readonly start: number;
  readonly end: number;
  readonly value: string;
  /** The name it is given to, where there is one. */
  readonly name?: string | undefined;
  /** True for formats so particular that they count in lockfiles and tests as well. */
  readonly isKnownFormat: boolean;
}
