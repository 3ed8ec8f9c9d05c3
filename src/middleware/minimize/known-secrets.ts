/** Takes known credentials out of any text by their exact value, in whatever encoding they travel. */
import { encodingsOf } from './encodings.ts';
import { MultiMatcher } from './multi-matcher.ts';

export const REDACTED = '[REDACTED]';

/** Shorter lines say too little of a secret, and blot out too much elsewhere, in characters. */
const MIN_LINE = 6;

/** Stands where a text was cut. */
const CUT = '…';
/** Less of a credential's start says too little, in characters. */
const MIN_START = 8;

export interface KnownSecretsOptions {
  /** The values to remove, asked for on every text: return the same array while nothing changes. */
  readonly secrets: () => readonly string[];
  /** Shorter values would take ordinary words out of texts and are not searched for, in characters. @default 4 */
  readonly minLength?: number;
}

/**
 * One pass per text over all forms of all secrets, which are worked out once per change of the list.
 *
 * @example
 * const known = new KnownSecrets({ secrets: () => vault.values() });
 * known.redact('Authorization: Bearer hunter2-hunter2'); // 'Authorization: Bearer [REDACTED]'
 */
export class KnownSecrets {
  readonly #secrets: () => readonly string[];
  readonly #minLength: number;
  #list: readonly string[] = [];
  #known: readonly string[] = [];
  #matcher: MultiMatcher | undefined;
  #numeric = false;
  #longest = 0;
  /** Forms by how they begin. */
  #starts: ReadonlyMap<string, readonly string[]> = new Map();

  /** @throws RangeError for a least length under 4. */
  constructor(options: KnownSecretsOptions) {
    this.#secrets = options.secrets;
    this.#minLength = options.minLength ?? 4;
    if (!Number.isInteger(this.#minLength) || this.#minLength < 4) {
      throw new RangeError(`minLength must be a whole number of at least 4, not ${String(options.minLength)}`);
    }
  }

  /** False when there is nothing to search for. */
  get active(): boolean {
    return this.#current() !== undefined;
  }

  /** True when a number may be one of the secrets. */
  get numeric(): boolean {
    return this.#current() !== undefined && this.#numeric;
  }

  redact(text: string): string {
    const matcher = this.#current();
    if (matcher === undefined) return text;
    const rest = matcher.replace(text, REDACTED);
    return rest.includes(CUT) ? this.#withoutStarts(rest) : rest;
  }

  /** Where a text was cut, the start of a credential may be left. */
  #withoutStarts(text: string): string {
    const parts = text.split(CUT);
    return parts.map((part, index) => (index < parts.length - 1 ? this.#withoutStart(part) : part)).join(CUT);
  }

  #withoutStart(part: string): string {
    for (let at = Math.max(0, part.length - this.#longest); at <= part.length - MIN_START; at += 1) {
      const start = part.slice(at);
      const candidates = this.#starts.get(start.slice(0, MIN_START));
      if (candidates?.some((form) => form.startsWith(start)) === true) return part.slice(0, at) + REDACTED;
    }
    return part;
  }

  #current(): MultiMatcher | undefined {
    const list = this.#secrets();
    if (list === this.#list && list.length === this.#known.length) return this.#matcher;
    if (!sameTexts(list, this.#known)) this.#rebuild([...list]);
    this.#list = list;
    return this.#matcher;
  }

  #rebuild(known: readonly string[]): void {
    const long = known.filter((secret) => secret.length >= this.#minLength);
    const forms = [...new Set([...long, ...long.flatMap(linesOf)].flatMap(encodingsOf))];
    this.#known = known;
    this.#longest = forms.reduce((longest, form) => Math.max(longest, form.length), 0);
    this.#starts = startsOf(forms);
    this.#matcher = forms.length === 0 ? undefined : new MultiMatcher(forms);
    this.#numeric = long.some((secret) => /^[\d.+-]+$/.test(secret));
  }
}

/** Logs are written and cut line by line: a key that goes over several is not to be had from its lines either. */
function linesOf(secret: string): readonly string[] {
  return secret.includes('\n') ? secret.split(/\r?\n/).filter((line) => line.length >= MIN_LINE) : [];
}

function startsOf(forms: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const starts = new Map<string, string[]>();
  for (const form of forms) {
    const key = form.slice(0, MIN_START);
    const known = starts.get(key);
    if (known === undefined) starts.set(key, [form]);
    else known.push(form);
  }
  return starts;
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}
