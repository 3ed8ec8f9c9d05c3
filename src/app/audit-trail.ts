/** The audit log of an app on Node: opened, told to a secret store, rid of what is too old, and checked. */
import { systemClock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { systemIds } from '../base/ids.ts';
import type { AuditCheck, AuditLog, SecretStore } from '../contracts/index.ts';
import { type AuditHeads, auditPlaces, createFileHeads, ensureAuditKey, readAuditKey } from '../node/audit-heads.ts';
import { createAuditLog, verifyAudit } from '../node/audit-log.ts';
import { AuditMirror, AuditMirroring } from '../node/audit-mirror.ts';
import { pruneAudit } from '../node/audit-retention.ts';
import type { UserConfig } from './config/schema.ts';

/** A secret store that is told how far the log has come. */
export interface AuditKeeper {
  /** What people call it: `VS Code`, `keyring`. */
  readonly name: string;
  readonly secrets: SecretStore;
  /** Series it can remember. */
  readonly most: number;
}

export interface AuditTrailOptions {
  /** The workspace's folder of state. */
  readonly workspaceState: string;
  /** The user's configuration folder. */
  readonly configDir: string;
  readonly section: UserConfig['layers']['audit'];
  /** @default none */
  readonly keeper?: AuditKeeper | undefined;
  readonly log: (message: string) => void;
}

export interface AuditTrail {
  readonly log: AuditLog;
  close(): Promise<void>;
}

/** How often it is looked whether records are old enough to go, by whichever process comes first. */
const PRUNE_EVERY_MS = 6 * 3_600_000;

/** Beside the runs it tells of; the key that seals it lies with the configuration. */
export async function openAuditTrail(options: AuditTrailOptions): Promise<AuditTrail> {
  const { directory, heads: headsDirectory, keyFile } = auditPlaces(options.workspaceState, options.configDir);
  const clock = systemClock;
  try {
    const key = await ensureAuditKey(keyFile);
    const heads = createFileHeads(headsDirectory);
    const mirror = options.section === false ? undefined : await reachable(mirrorOf(directory, options.keeper));
    const mirroring = mirror && new AuditMirroring({ mirror, clock, onProblem: options.log });
    const told = { keeper: mirror?.name, onHead: mirroring?.add };
    const log = createAuditLog({ directory, heads, key, clock, ids: systemIds, ...told });
    const pruning = prune(options, { directory, heads, key, mirror }).catch((error: unknown) =>
      options.log(`old audit records could not be removed: ${messageOf(error)}`),
    );
    const close = async (): Promise<void> => {
      await log.close();
      await mirroring?.flush();
      await pruning;
    };
    return { log, close };
  } catch (error) {
    options.log(`calls are not recorded: ${messageOf(error)}`);
    return { log: withoutAuditLog(error), close: () => Promise.resolve() };
  }
}

/** What policy wants recorded before it runs does not run; everything else goes on. */
function withoutAuditLog(error: unknown): AuditLog {
  return {
    append: (_record, urgent) => (urgent === true ? Promise.reject(error) : Promise.resolve()),
    keyedHash: () => '',
    failure: undefined,
  };
}

function mirrorOf(directory: string, keeper: AuditKeeper | undefined): AuditMirror | undefined {
  return keeper && new AuditMirror({ ...keeper, directory, clock: systemClock });
}

/** A head names only a store that can be told: many systems have none, which `audit verify` says. */
async function reachable(mirror: AuditMirror | undefined): Promise<AuditMirror | undefined> {
  return mirror?.prepare().then(
    () => mirror,
    () => undefined,
  );
}

interface Parts {
  readonly directory: string;
  readonly heads: AuditHeads;
  readonly key: Buffer;
  readonly mirror: AuditMirror | undefined;
}

async function prune({ section, log }: AuditTrailOptions, { directory, heads, key, mirror }: Parts): Promise<void> {
  if (section === false || (section.keep === undefined && section.maxBytes === undefined)) return;
  const now = systemClock.now();
  if (!(await heads.takeTurn(now, PRUNE_EVERY_MS))) return;
  const limits = { keepMs: section.keep, maxBytes: section.maxBytes };
  const keeper = mirror && { name: mirror.name, tell: (news: Parameters<AuditMirror['tell']>[0]) => mirror.tell(news) };
  await pruneAudit({ directory, heads, key, limits, now, keeper, onProblem: log });
}

/** @returns the heads as well, for whoever goes on to print the records */
export async function checkAuditTrail(
  options: Pick<AuditTrailOptions, 'workspaceState' | 'configDir' | 'keeper'>,
): Promise<AuditCheck & { readonly heads: AuditHeads }> {
  const { directory, heads: headsDirectory, keyFile } = auditPlaces(options.workspaceState, options.configDir);
  const heads = createFileHeads(headsDirectory);
  // Without a key nothing was ever sealed here, so whatever lies there fails against any other.
  const key = (await readAuditKey(keyFile)) ?? Buffer.alloc(0);
  const verdict = await verifyAudit(directory, heads, key, mirrorOf(directory, options.keeper));
  return { directory, keyFile, heads, ...verdict };
}
