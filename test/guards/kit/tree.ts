/** The files of this tree as the guards count them: what a person wrote, without what tools put beside it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';

/** Absolute path of the project. */
export const ROOT = resolve(import.meta.dirname, '../../..');

const MADE_BY_TOOLS = new Set(['.git', 'node_modules', 'dist', 'out', '.vscode-test', 'coverage', '.cache']);
const HELD_APART = ['test/fixtures/canaries', 'test/fixtures/repositories'];

/** Paths relative to the project with forward slashes, sorted; canaries and specimen repositories are left out. */
export function filesOfTree(accept: (path: string) => boolean = () => true): readonly string[] {
  const found: string[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const absolute = join(folder, entry.name);
      const path = relative(ROOT, absolute).split(sep).join('/');
      if (MADE_BY_TOOLS.has(entry.name) || HELD_APART.includes(path)) continue;
      if (entry.isDirectory()) visit(absolute);
      else if (entry.isFile() && accept(path)) found.push(path);
    }
  };
  visit(ROOT);
  return found.sort();
}

/** Source that the linters are responsible for. */
export const isSource = (path: string): boolean => /^(src|test)\/.*\.ts$/.test(path);

export function readText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

export function readJson<T>(path: string): T {
  return JSON.parse(readText(path)) as T;
}

export interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly activationEvents?: readonly string[];
  readonly enabledApiProposals?: readonly string[];
  readonly contributes?: Contributions;
}

export interface Contributions {
  readonly commands?: readonly { readonly command: string; readonly title: string }[];
  readonly configuration?: { readonly properties: Readonly<Record<string, { readonly scope?: string }>> };
  readonly views?: Readonly<Record<string, readonly { readonly id: string }[]>>;
  readonly viewsContainers?: Readonly<Record<string, readonly { readonly id: string }[]>>;
  readonly viewsWelcome?: readonly { readonly view: string; readonly contents: string }[];
  readonly menus?: Readonly<Record<string, readonly { readonly command?: string; readonly submenu?: string }[]>>;
  readonly keybindings?: readonly { readonly command: string }[];
  readonly submenus?: readonly { readonly id: string }[];
}

export const manifest = (): Manifest => readJson<Manifest>('package.json');
