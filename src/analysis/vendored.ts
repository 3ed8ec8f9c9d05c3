/** Telling what a repository brings along from others: nobody here will restyle it, whatever it looks like. */

/** Folders by their conventional names; `deps` only at the top, where it is not a module's own. */
const VENDORED =
  /^(?:deps|dependencies)\/|(?:^|\/)(?:vendor(?:s|ed)?|third[-_]?party|3rd[-_]?party|extern(?:al)?s?|Godeps|Carthage)\//i;

/** The folder of others that a file lies in, with its slash; undefined for the repository's own files. */
export function vendoredFolder(path: string): string | undefined {
  const match = VENDORED.exec(path);
  return match === null ? undefined : path.slice(0, match.index + match[0].length);
}
