/** The results that a server remembers from one start to the next. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createResultCache, type ResultCache } from '../../analysis/cache/result-cache.ts';
import { systemClock } from '../../base/clock.ts';
import { VERSION } from '../../base/version.ts';

/**
 * Undefined without a folder.
 * @param entry the workers' file: what it says decides what is found
 */
export function openServerCache(folder: string | undefined, entry: URL): ResultCache | undefined {
  if (folder === undefined) return undefined;
  return createResultCache({
    folder: join(folder, 'analysis'),
    version: versionOf(fileURLToPath(entry)),
    clock: systemClock,
    onProblem: (message) => process.stderr.write(`cache: ${message}\n`),
  });
}

/** Another build, another grammar or another runtime may find something else. */
function versionOf(entry: string): string {
  const hash = createHash('sha256').update(`${VERSION}\0${process.versions.v8}\0`).update(readFileSync(entry));
  const grammars = join(dirname(entry), '..', '..', 'grammars');
  for (const name of listed(grammars)) hash.update(`${name} ${statSync(join(grammars, name)).size}\0`);
  return hash.digest('hex');
}

/** Beside code that runs from source there are none. */
function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
