/**
 * Heads of the audit log told to a secret store: whoever can write both the log and the configuration folder has the
 * key, and could forge the heads; what the secret store was told stays as it was.
 */
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';
import { messageOf } from '../base/errors.ts';
import type { SecretStore } from '../contracts/index.ts';
import type { AuditHead, MirroredHead } from './audit-chain.ts';

export interface AuditMirrorOptions {
  readonly secrets: SecretStore;
  /** What people call the store: `VS Code`, `keyring`. */
  readonly name: string;
  /** Series it can remember, the latest of them; systems limit the length of a secret. */
  readonly most: number;
  /** Absolute path of the log. */
  readonly directory: string;
  readonly clock: Clock;
  /** How long an answer is waited for, milliseconds: a locked keyring may ask somebody who is not there. @default 5000 */
  readonly timeoutMs?: number | undefined;
}

type Entry = readonly [seq: number, seal: string, closed: 0 | 1, start: number];
type Entries = Readonly<Record<string, Entry>>;

/** Another process may tell the store at the same moment, and the later one wins. */
const TRIES = 3;

export class AuditMirror {
  readonly #options: AuditMirrorOptions;
  readonly #key: string;

  constructor(options: AuditMirrorOptions) {
    this.#options = options;
    this.#key = `audit-heads:${options.directory}`;
  }

  get name(): string {
    return this.#options.name;
  }

  /** Some systems let secrets be looked for and none be kept. @throws Error when the store cannot be used for both */
  async prepare(): Promise<void> {
    if (Object.keys(await this.#read()).length === 0) await this.#asked(this.#options.secrets.set(this.#key, '{}'));
  }

  /** @throws Error when the store cannot be used, or holds what is no list of heads */
  async read(): Promise<readonly MirroredHead[]> {
    return Object.entries(await this.#read()).map(([series, [seq, seal, closed, start]]) => ({
      series,
      seq,
      seal,
      closed: closed === 1,
      start,
    }));
  }

  /** What is known never goes back: not to an earlier record, nor to an earlier start. */
  async tell(heads: readonly AuditHead[]): Promise<void> {
    for (let turn = 0; turn < TRIES; turn += 1) {
      const known = await this.#read();
      const news = heads.filter((head) => !isKnown(known[head.series], head));
      if (news.length === 0) return;
      const told = { ...known, ...Object.fromEntries(news.map((head) => [head.series, entryOf(head)])) };
      const latest = Object.entries(told).sort(([a], [b]) => (a < b ? 1 : -1));
      const kept = latest.filter(([, [seq, , , start]]) => start === 0 || start < seq).slice(0, this.#options.most);
      await this.#asked(this.#options.secrets.set(this.#key, JSON.stringify(Object.fromEntries(kept))));
    }
  }

  async #read(): Promise<Entries> {
    const text = await this.#asked(this.#options.secrets.get(this.#key));
    if (text === undefined) return {};
    try {
      return JSON.parse(text) as Entries;
    } catch (error) {
      throw new Error('what it holds is no list of heads', { cause: error });
    }
  }

  #asked<T>(answer: Promise<T>): Promise<T> {
    const { clock, timeoutMs = 5_000 } = this.#options;
    return new Promise((resolve, reject) => {
      const timer = clock.schedule(timeoutMs, () => reject(new Error(`it did not answer within ${timeoutMs} ms`)));
      void answer.then(resolve, reject).finally(() => timer.dispose());
    });
  }
}

/** Series that were let go of need not be known. */
function isKnown(entry: Entry | undefined, { seq, closed, start }: AuditHead): boolean {
  if (entry === undefined) return start !== undefined && start.seq >= seq;
  return entry[0] >= seq && entry[2] >= (closed ? 1 : 0) && entry[3] >= (start?.seq ?? 0);
}

function entryOf({ seq, seal, closed, start }: AuditHead): Entry {
  return [seq, seal, closed ? 1 : 0, start?.seq ?? 0];
}

export interface MirroringOptions {
  readonly mirror: AuditMirror;
  readonly clock: Clock;
  /** A secret store is too slow to be told of every commit, milliseconds. @default 30000 */
  readonly everyMs?: number | undefined;
  /** Told once when the store cannot be told. */
  readonly onProblem: (message: string) => void;
}

/** Tells the store from time to time how far the series of this process have come. */
export class AuditMirroring {
  readonly #options: MirroringOptions;
  readonly #waiting = new Map<string, AuditHead>();
  #timer: Disposable | undefined;
  #isBroken = false;

  constructor(options: MirroringOptions) {
    this.#options = options;
  }

  /** @param head - as it is on disk by now */
  readonly add = (head: AuditHead): void => {
    this.#waiting.set(head.series, head);
    this.#timer ??= this.#options.clock.schedule(this.#options.everyMs ?? 30_000, () => void this.flush());
  };

  async flush(): Promise<void> {
    this.#timer?.dispose();
    this.#timer = undefined;
    const heads = [...this.#waiting.values()];
    if (heads.length === 0) return;
    this.#waiting.clear();
    try {
      await this.#options.mirror.tell(heads);
      this.#isBroken = false;
    } catch (error) {
      for (const head of heads) if (!this.#waiting.has(head.series)) this.#waiting.set(head.series, head);
      if (this.#isBroken) return;
      this.#isBroken = true;
      const { mirror, onProblem } = this.#options;
      onProblem(`the secret store (${mirror.name}) was not told of the audit log: ${messageOf(error)}`);
    }
  }
}
