/** Keeps the places that reports name within the repository that was reviewed. */
import { isAbsolute, relative, resolve, sep } from 'node:path';

/** The absolute path, or undefined when `file` leads out of `root`. */
export function placeIn(root: string, file: string): string | undefined {
  const path = resolve(root, file);
  const inside = relative(root, path);
  return inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside) ? undefined : path;
}
