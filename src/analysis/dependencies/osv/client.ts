/** Asks OSV which vulnerabilities packages have: in batches, page by page, remembered, and told when it does not answer. */
import pLimit from 'p-limit';
import type { Clock } from '../../../base/clock.ts';
import { isConductorError, messageOf } from '../../../base/errors.ts';
import type { KnownId, OsvCache } from './cache.ts';
import { checkedBase, HttpError, requestJson } from './http.ts';
import { batchShape, type OsvVulnerability, vulnerabilityShape } from './shapes.ts';

/** OSV's own address; the user may name a mirror. */
export const OSV_URL = 'https://api.osv.dev';

/** One version of one package, as OSV names them. */
export interface OsvPackage {
  readonly ecosystem: string;
  readonly name: string;
  readonly version: string;
}

export interface OsvOptions {
  /** @default OSV_URL */
  readonly url?: string | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Absent: nothing is remembered. */
  readonly cache?: OsvCache | undefined;
  /** @default globalThis.fetch */
  readonly fetch?: typeof fetch | undefined;
}

export interface OsvAnswer {
  /** By `osvKey`; packages without vulnerabilities are not in it. */
  readonly vulnerabilities: ReadonlyMap<string, readonly OsvVulnerability[]>;
  /** What could not be asked or understood, one line each; the rest is right all the same. */
  readonly problems: readonly string[];
}

/** What OSV takes in one request. */
const BATCH = 1_000;
const MAX_PAGES = 20;
const AT_ONCE = 8;
/** More are not worth anybody's reading, and would be a flood of requests. */
const MAX_DETAILS = 2_000;
/** A server that fails that often is not asked on. */
const MAX_FAILURES = 10;

export function osvKey({ ecosystem, name, version }: OsvPackage): string {
  return `${ecosystem}\0${name}\0${version}`;
}

/** @throws ConductorError CANCELLED; VALIDATION_FAILED when the address is none */
export async function askOsv(packages: readonly OsvPackage[], options: OsvOptions): Promise<OsvAnswer> {
  const client = new OsvClient(checkedBase(options.url ?? OSV_URL), options);
  const wanted = [...new Map(packages.map((one) => [osvKey(one), one])).values()];
  const ids = await client.idsOf(wanted);
  const details = await client.detailsOf([...ids.values()].flat());
  const vulnerabilities = new Map<string, readonly OsvVulnerability[]>();
  for (const [key, known] of ids) {
    const found = known.flatMap(({ id }) => details.get(id) ?? []).filter((one) => one.withdrawn === undefined);
    if (found.length > 0) vulnerabilities.set(key, found);
  }
  return { vulnerabilities, problems: client.problems };
}

interface Query {
  readonly asked: OsvPackage;
  readonly page?: string | undefined;
}

class OsvClient {
  readonly #url: string;
  readonly #options: OsvOptions;
  readonly #problems = new Set<string>();
  #failures = 0;

  constructor(url: string, options: OsvOptions) {
    this.#url = url;
    this.#options = options;
  }

  get problems(): readonly string[] {
    return [...this.#problems];
  }

  async idsOf(packages: readonly OsvPackage[]): Promise<ReadonlyMap<string, readonly KnownId[]>> {
    const { cache } = this.#options;
    const ids = new Map<string, readonly KnownId[]>();
    const unknown: Query[] = [];
    for (const asked of packages) {
      const known = await cache?.ids(osvKey(asked));
      if (known === undefined) unknown.push({ asked });
      else ids.set(osvKey(asked), known);
    }
    const fresh = await this.#pages(unknown);
    if (fresh.size > 0) await cache?.keepIds(fresh);
    for (const [key, known] of fresh) ids.set(key, known);
    return ids;
  }

  /** Only packages whose every page came are in the answer. */
  async #pages(first: readonly Query[]): Promise<ReadonlyMap<string, readonly KnownId[]>> {
    const found = new Map<string, readonly KnownId[]>();
    const failed = new Set<string>();
    let queries = first;
    for (let page = 0; queries.length > 0; page += 1) {
      const next: Query[] = [];
      for (const batch of chunks(queries, BATCH)) {
        const results = await this.#batch(batch);
        batch.forEach(({ asked }, at) => {
          const result = results[at];
          const key = osvKey(asked);
          if (result === undefined) failed.add(key);
          else found.set(key, [...(found.get(key) ?? []), ...result.ids]);
          if (result?.next !== undefined) next.push({ asked, page: result.next });
        });
      }
      if (page >= MAX_PAGES && next.length > 0) {
        this.#tell(`more than ${MAX_PAGES} pages about ${next[0]?.asked.name ?? ''}; the rest was not asked for`);
        break;
      }
      queries = next;
    }
    for (const key of failed) found.delete(key);
    return found;
  }

  /** One answer per query; undefined for what was not answered. A query that OSV refuses costs only itself. */
  async #batch(queries: readonly Query[]): Promise<readonly (PageOfIds | undefined)[]> {
    const body = {
      queries: queries.map(({ asked: { ecosystem, name, version }, page }) => ({
        package: { ecosystem, name },
        version,
        ...(page === undefined ? {} : { page_token: page }),
      })),
    };
    try {
      const { results } = batchShape.parse(await requestJson(`${this.#url}/v1/querybatch`, body, this.#options));
      if (results.length !== queries.length)
        throw new HttpError(`${results.length} results for ${queries.length} queries`);
      return results.map((result) => ({ ids: result?.vulns ?? [], next: result?.next_page_token || undefined }));
    } catch (error) {
      if (isConductorError(error)) throw error;
      const isRefused = error instanceof HttpError && error.status === 400;
      if (isRefused && queries.length > 1) {
        const middle = queries.length >> 1;
        return [...(await this.#batch(queries.slice(0, middle))), ...(await this.#batch(queries.slice(middle)))];
      }
      const [{ asked } = { asked: undefined }] = queries;
      const what = queries.length === 1 ? `${asked?.name} ${asked?.version}` : `${queries.length} packages`;
      this.#tell(`${what} could not be looked up: ${problemOf(error)}`);
      return queries.map(() => undefined);
    }
  }

  async detailsOf(known: readonly KnownId[]): Promise<ReadonlyMap<string, OsvVulnerability>> {
    const wanted = [...new Map(known.map((one) => [one.id, one])).values()];
    if (wanted.length > MAX_DETAILS)
      this.#tell(`${wanted.length} vulnerabilities; ${wanted.length - MAX_DETAILS} of them are left out`);
    const limit = pLimit(AT_ONCE);
    const details = await Promise.all(wanted.slice(0, MAX_DETAILS).map((one) => limit(() => this.#details(one))));
    return new Map(details.flatMap((one) => (one === undefined ? [] : [[one.id, one] as const])));
  }

  async #details(known: KnownId): Promise<OsvVulnerability | undefined> {
    const kept = await this.#options.cache?.details(known);
    if (kept !== undefined) return kept;
    if (this.#failures >= MAX_FAILURES) {
      this.#tell(`after ${MAX_FAILURES} failures no further vulnerability was read`);
      return undefined;
    }
    try {
      const url = `${this.#url}/v1/vulns/${encodeURIComponent(known.id)}`;
      const answer = await requestJson(url, undefined, this.#options);
      const value = vulnerabilityShape.parse(answer);
      if (value.id !== known.id) throw new HttpError(`the answer is about ${value.id.slice(0, 60)}`);
      await this.#options.cache?.keepDetails(known, value);
      return value;
    } catch (error) {
      if (isConductorError(error)) throw error;
      this.#failures += 1;
      this.#tell(`${known.id} could not be read: ${problemOf(error)}`);
      return undefined;
    }
  }

  #tell(problem: string): void {
    this.#problems.add(problem);
  }
}

interface PageOfIds {
  readonly ids: readonly KnownId[];
  readonly next?: string | undefined;
}

function problemOf(error: unknown): string {
  return error instanceof HttpError
    ? error.message
    : `the answer is not as OSV describes it (${firstLine(messageOf(error))})`;
}

function firstLine(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, 120);
}

function chunks<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, at) => list.slice(at * size, (at + 1) * size));
}
