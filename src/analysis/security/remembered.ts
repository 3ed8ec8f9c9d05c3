/** What earlier scans found in files of the same content. */
import { createHash } from 'node:crypto';
import { NO_RESULTS, type ResultCache } from '../cache/result-cache.ts';
import { takeInventory } from '../inventory.ts';
import type { WalkedFile } from '../walk.ts';
import type { FileTask, ScanOutcome } from './scan-file.ts';
import { redactSecrets } from './secrets/redact.ts';

export interface Remembered {
  of(task: FileTask, make: () => Promise<ScanOutcome>): Promise<ScanOutcome>;
  save(complete: boolean): Promise<void>;
}

export interface RememberedOptions {
  readonly root: string;
  /** What is looked for; `dependencies` is remembered by nobody. */
  readonly types: readonly string[];
  readonly signal: AbortSignal;
  readonly cache?: ResultCache | undefined;
}

export async function openRemembered(
  files: readonly WalkedFile[],
  { root, types, signal, cache }: RememberedOptions,
): Promise<Remembered> {
  const topic = types.filter((type) => type !== 'dependencies').sort();
  if (cache === undefined || topic.length === 0)
    return { of: (_task, make) => make(), save: () => NO_RESULTS.save(true) };
  const { digests } = await takeInventory(files, signal, () => undefined, await cache.ledger(root));
  const results = await cache.open(topic.join('-'), root);
  // The same rules go with every file; they may be long.
  let given = { rules: '', digest: '' };
  const byPath = new Map(files.map((file) => [file.path, file]));
  return {
    of(task, make) {
      const file = byPath.get(task.path);
      const { absolute: _, rules = '', ...asked } = task;
      if (rules !== given.rules) given = { rules, digest: digestOf(rules) };
      if (file === undefined) return make();
      return results.of({
        file,
        digest: digests.get(task.path),
        asked: `${JSON.stringify(asked)}${given.digest}`,
        make,
        keeps: isHarmless,
      });
    },
    save: (complete) => results.save(complete),
  };
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** No secret is ever written down: a file that may hold one is looked at anew each time, as one that was skipped is. */
function isHarmless({ drafts, skipped }: ScanOutcome): boolean {
  if (skipped.some((place) => place.deliberate !== true)) return false;
  return drafts.every(
    ({ kind, identity }) => kind !== 'secret' && identity.every((text) => redactSecrets(text) === text),
  );
}
