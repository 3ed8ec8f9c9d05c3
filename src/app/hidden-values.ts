/** Everything that must never be shown, from wherever it becomes known, and the one way to take it out of a text. */
import type { JsonValue } from '../base/json.ts';
import { KnownSecrets } from '../middleware/minimize/known-secrets.ts';
import { scrubValue } from '../middleware/minimize/scrub.ts';

type List = () => readonly string[];

/**
 * @example
 * const hidden = new HiddenValues();
 * hidden.from(servers.knownSecrets);
 * log(hidden.redact(message));
 */
export class HiddenValues {
  readonly #lists: List[] = [];
  readonly #known = new KnownSecrets({ secrets: () => this.values() });
  #own: readonly string[] = [];
  #seen: readonly (readonly string[])[] = [];
  #all: readonly string[] = [];

  constructor() {
    this.from(() => this.#own);
  }

  /** @param list - gives the same array while nothing changes */
  from(list: List): void {
    this.#lists.push(list);
  }

  add(value: string): void {
    if (!this.#own.includes(value)) this.#own = [...this.#own, value];
  }

  /** Adds a value on its way to whoever asked for it. */
  seen(value: string | undefined): string | undefined {
    if (value !== undefined && value !== '') this.add(value);
    return value;
  }

  /** The same array while nothing changes. */
  readonly values = (): readonly string[] => {
    if (this.#hasChanged()) {
      this.#seen = this.#lists.map((list) => list());
      this.#all = [...new Set(this.#seen.flat())];
    }
    return this.#all;
  };

  readonly redact = (text: string): string => this.#known.redact(text);

  /** Asked several times per call: nothing is made unless something has changed. */
  #hasChanged(): boolean {
    if (this.#seen.length !== this.#lists.length) return true;
    for (let index = 0; index < this.#lists.length; index += 1) {
      if (this.#lists[index]?.() !== this.#seen[index]) return true;
    }
    return false;
  }
}

/** @returns a function that takes out of a value every credential that is known by then */
export function hiding(secrets: List): <T>(value: T) => T {
  const known = new KnownSecrets({ secrets });
  return <T>(value: T): T => (known.active ? (scrubValue({ known }, value as JsonValue) as T) : value);
}
