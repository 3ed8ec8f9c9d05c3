/** Answers of OSV on disk: which ids a package has, for a day, and what is behind an id, until it is modified. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../../../base/clock.ts';
import { type OsvVulnerability, vulnerabilityShape } from './shapes.ts';

/** An id with the time of its last change, as the server says it. */
export interface KnownId {
  readonly id: string;
  readonly modified: string;
}

/** Everything here is about speed: what cannot be read is asked for again, what cannot be written is not kept. */
export interface OsvCache {
  ids(key: string): Promise<readonly KnownId[] | undefined>;
  keepIds(found: ReadonlyMap<string, readonly KnownId[]>): Promise<void>;
  details(known: KnownId): Promise<OsvVulnerability | undefined>;
  keepDetails(known: KnownId, value: unknown): Promise<void>;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** Packages that are remembered, latest first. */
const MAX_PACKAGES = 50_000;

const packagesShape = z.record(
  z.string(),
  z.object({ at: z.number(), ids: z.array(z.object({ id: z.string(), modified: z.string() })) }),
);
type Packages = Readonly<Record<string, { readonly at: number; readonly ids: readonly KnownId[] }>>;

/** @param url whose answers they are: two servers may know different things */
export function createOsvCache(directory: string, url: string, clock: Clock): OsvCache {
  const folder = join(directory, createHash('sha256').update(url).digest('hex').slice(0, 16));
  const packagesFile = join(folder, 'packages.json');
  let packages: Promise<Packages> | undefined;
  const read = (): Promise<Packages> => {
    packages ??= readJson(packagesFile, packagesShape).then((known) => known ?? {});
    return packages;
  };
  const detailsFile = (id: string): string =>
    join(folder, 'vulnerabilities', `${createHash('sha256').update(id).digest('hex').slice(0, 32)}.json`);
  const detailsShape = z.object({ modified: z.string(), value: vulnerabilityShape });

  return {
    async ids(key) {
      const known = (await read())[key];
      return known !== undefined && clock.now() - known.at < DAY_MS ? known.ids : undefined;
    },
    async keepIds(found) {
      const added = [...found].map(([key, ids]) => [key, { at: clock.now(), ids: [...ids] }] as const);
      const all = Object.entries({ ...(await read()), ...Object.fromEntries(added) });
      const kept = all.sort(([, a], [, b]) => b.at - a.at).slice(0, MAX_PACKAGES);
      packages = Promise.resolve(Object.fromEntries(kept));
      await writeJson(packagesFile, await packages);
    },
    async details({ id, modified }) {
      const known = await readJson(detailsFile(id), detailsShape);
      return known?.value.id === id && known.modified === modified ? known.value : undefined;
    },
    keepDetails: ({ id, modified }, value) => writeJson(detailsFile(id), { modified, value }),
  };
}

async function readJson<T>(file: string, shape: z.ZodType<T>): Promise<T | undefined> {
  try {
    return shape.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    // Not there, cut off or of another version: the server is asked instead.
    return undefined;
  }
}

/** Whole or not at all, for the owner alone. */
async function writeJson(file: string, value: unknown): Promise<void> {
  const temporary = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(temporary, JSON.stringify(value), { mode: 0o600 });
    await rename(temporary, file);
  } catch {
    // A full or read-only disk makes the next review slower and nothing else.
  }
}
