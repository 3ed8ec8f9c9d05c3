/** Confinement: turns what a client asks for into a real path inside the roots a server was given, or refuses. */
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { ConductorError, messageOf } from '../base/errors.ts';

export interface ConfinedPath {
  /** Absolute, with every symbolic link resolved. */
  readonly path: string;
  /** The real path of the root it is inside of. */
  readonly root: string;
}

/**
 * Resolves a folder inside one of `roots`; a relative path counts from the first root.
 * @throws ConductorError VALIDATION_FAILED naming the path, and the roots when it is outside them.
 */
export async function confineFolder(requested: string, roots: readonly string[]): Promise<ConfinedPath> {
  const confined = await confinePath(requested, roots);
  if (!(await stat(confined.path)).isDirectory()) {
    throw refused(`not a folder: ${requested}; give the folder it is in`);
  }
  return confined;
}

/** As `confineFolder`, for anything that exists. */
export async function confinePath(requested: string, roots: readonly string[]): Promise<ConfinedPath> {
  if (requested.includes('\0')) throw refused('a path cannot contain a NUL character');
  const first = roots[0];
  if (first === undefined) throw refused('this server was started without --root DIR, so it may not read any folder');
  const absolute = isAbsolute(requested) ? requested : resolve(first, requested);
  const realRoots = await resolveRoots(roots);
  // Asking about existence outside the roots would tell a client what is there, so the plain path is judged first.
  const plausible = [...roots.map((root) => resolve(root)), ...realRoots].some((root) =>
    isInside(root, resolve(absolute)),
  );
  if (!plausible) throw outside(requested, realRoots);
  const path = await realpath(absolute).catch((error: unknown) => {
    throw refused(`no such folder: ${requested} (${codeOf(error)})`);
  });
  const root = realRoots.find((candidate) => isInside(candidate, path));
  if (root === undefined) throw outside(requested, realRoots);
  return { path, root };
}

/** Whether `path` is `root` or below it; both absolute and real. */
export function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/** The roots that exist, as real paths. */
async function resolveRoots(roots: readonly string[]): Promise<readonly string[]> {
  const real = await Promise.all(roots.map((root) => realpath(resolve(root)).catch(() => undefined)));
  return real.filter((root) => root !== undefined);
}

function outside(requested: string, roots: readonly string[]): ConductorError {
  const allowed = roots.length === 0 ? 'none of its roots exists' : `it may read ${roots.join(', ')}`;
  return refused(`outside this server's roots: ${requested}; ${allowed}`);
}

function refused(message: string): ConductorError {
  return new ConductorError('VALIDATION_FAILED', message);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : messageOf(error);
}
