/** Which entries of a folder a walk leaves out: git's ignore rules, level by level, and folders nobody reviews. */
import ignore from 'ignore';
import { join, relative, sep } from 'node:path';
import { readText } from './read.ts';

/** Dependencies, caches and version control: never a repository's own work. */
const NEVER: ReadonlySet<string> = new Set([
  '.git',
  '.hg',
  '.svn',
  '.jj',
  'node_modules',
  'bower_components',
  'jspm_packages',
  '__pycache__',
  '.venv',
  'venv',
  'site-packages',
  '.tox',
  '.nox',
  '.eggs',
  '.mypy_cache',
  '.pytest_cache',
  '.ruff_cache',
  '.gradle',
  '.next',
  '.nuxt',
  '.svelte-kit',
  '.turbo',
  '.parcel-cache',
  '.yarn',
  '.pnpm-store',
  '.vscode-test',
  '.terraform',
  'Pods',
  'DerivedData',
  'vendor',
  'third_party',
  'third-party',
]);

/** Names that mean build output beside a manifest, and anything at all elsewhere. */
const OUTPUT: ReadonlySet<string> = new Set(['dist', 'build', 'out', 'target', 'coverage', 'bin', 'obj']);
const MANIFEST =
  /^(?:package\.json|pom\.xml|build\.gradle(?:\.kts)?|Cargo\.toml|setup\.py|pyproject\.toml|.*\.csproj)$/;

/** Ignore files bigger than this are left unread: compiling them would cost more than what they hide. */
const MAX_IGNORE_BYTES = 256 * 1024;
const MAX_PATTERNS = 2_000;
/** Each further `*` in a path segment multiplies what a backtracking match may cost. */
const MAX_STARS = 4;

interface Level {
  /** Absolute folder the rules count from. */
  readonly base: string;
  readonly rules: ignore.Ignore;
}

/** The rules that hold in one folder: its own and those of the folders above, nearest last. */
export interface IgnoreScope {
  readonly levels: readonly Level[];
  /** Git's own rules say what is build output, so names alone need not. */
  readonly git: boolean;
}

/** Rules of the folders from `top` down to the parent of `folder`, and the repository's private exclude file. */
export async function scopeAbove(top: string, folder: string): Promise<IgnoreScope> {
  const way = relative(top, folder);
  const parts = way === '' ? [] : way.split(sep);
  let scope: IgnoreScope = { levels: [], git: false };
  let current = top;
  for (const part of parts) {
    scope = await scopeOf(scope, current, undefined);
    current = join(current, part);
  }
  return scope;
}

/** The scope inside `folder`; `names` are its entries when they are known, which saves looking for what is not there. */
export async function scopeOf(
  above: IgnoreScope,
  folder: string,
  names: ReadonlySet<string> | undefined,
): Promise<IgnoreScope> {
  const has = (name: string): boolean => names === undefined || names.has(name);
  const texts: string[] = [];
  let git = above.git;
  if (has('.git')) {
    const exclude = await readText(join(folder, '.git', 'info', 'exclude'), MAX_IGNORE_BYTES);
    if (exclude.kind === 'text') {
      git = true;
      texts.push(exclude.text);
    }
  }
  if (has('.gitignore')) {
    const own = await readText(join(folder, '.gitignore'), MAX_IGNORE_BYTES);
    if (own.kind === 'text') {
      git = true;
      texts.push(own.text);
    }
  }
  if (texts.length === 0) return { levels: above.levels, git };
  const rules = ignore().add(boundPatterns(texts.join('\n')));
  return { levels: [...above.levels, { base: folder, rules }], git };
}

/** Whether the walk leaves out the entry `name` of `folder`. */
export function isIgnored(
  scope: IgnoreScope,
  folder: string,
  name: string,
  isFolder: boolean,
  names: ReadonlySet<string>,
): boolean {
  if (isFolder && NEVER.has(name)) return true;
  if (isFolder && !scope.git && OUTPUT.has(name) && hasManifest(names)) return true;
  const absolute = join(folder, name);
  // The nearest folder with an opinion decides, as in git.
  for (let index = scope.levels.length - 1; index >= 0; index -= 1) {
    const level = scope.levels[index];
    if (level === undefined) continue;
    const path = relative(level.base, absolute).split(sep).join('/');
    if (!ignore.isPathValid(path)) continue;
    const verdict = level.rules.test(isFolder ? `${path}/` : path);
    if (verdict.ignored) return true;
    if (verdict.unignored) return false;
  }
  return false;
}

/** The patterns of an ignore file that can be matched in bounded time, which is every one that people write. */
function boundPatterns(text: string): readonly string[] {
  const cheap = (line: string): boolean => line.split('/').every((part) => part.split('*').length - 1 <= MAX_STARS);
  return text.split(/\r?\n/).slice(0, MAX_PATTERNS).filter(cheap);
}

function hasManifest(names: ReadonlySet<string>): boolean {
  for (const name of names) {
    if (MANIFEST.test(name)) return true;
  }
  return false;
}
