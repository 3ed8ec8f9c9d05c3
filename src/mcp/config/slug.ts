/** From the name a file gives a server to its id: `server.tool` splits at the first dot, so an id has none. */

/** Lower case; everything but letters, digits, `_` and `-` becomes one `-`. Empty when nothing is left. */
export function slug(label: string): string {
  return label
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_-]+/gu, '-')
    .replace(/^-+|-+$/g, '');
}
