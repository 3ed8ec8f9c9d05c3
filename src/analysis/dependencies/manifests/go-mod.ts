/** go.mod: what is required after replacement, and the standard library of the Go it asks for. */
import type { Declared, Manifest, TextOf } from '../declared.ts';
import { manifest } from './manifest.ts';

/** From here on go.mod lists what is needed indirectly, too; before, only go.sum knows. */
const FIRST_COMPLETE = [1, 17] as const;

interface Module {
  readonly path: string;
  readonly version: string;
}

interface Replacement {
  readonly from: Module;
  readonly to: Module;
}

interface GoMod {
  readonly required: readonly (Module & { readonly line: number })[];
  readonly replaced: readonly Replacement[];
  /** `1.21.3` of `go` or, if present, `toolchain`. */
  readonly go: string;
  readonly toolchain: string;
}

export function readGoMod(file: string, text: string, textOf: TextOf): Manifest {
  const mod = parse(text);
  const declared = mod.required.map(({ line, ...module }) => toDeclared(replace(module, mod.replaced), line));
  const [line = 1] = mod.required.map((one) => one.line);
  const sums = isComplete(mod.go) ? [] : modulesOfSum(textOf(file.replace(/go\.mod$/, 'go.sum')) ?? '');
  const indirect = sums
    .filter((sum) => !mod.required.some((one) => one.path === sum.path))
    .map((module) => toDeclared(module, line));
  const version = mod.toolchain || mod.go;
  const library = version === '' ? [] : [toDeclared({ path: 'stdlib', version }, 1)];
  return manifest('Go', file, [...declared, ...indirect, ...library], { line });
}

/** go.sum: every module that is downloaded; lines that end in `/go.mod` are about manifests alone. */
function modulesOfSum(text: string): readonly Module[] {
  return text.split(/\r?\n/).flatMap((line): readonly Module[] => {
    const [, path, version = ''] = /^(\S+) (v\S+) h1:/.exec(line) ?? [];
    return path === undefined || version.endsWith('/go.mod') ? [] : [{ path, version }];
  });
}

function toDeclared({ path, version }: Module, line: number): Declared {
  if (version === '') return { name: path, version: '', freedom: 'path', line, isDevelopment: false };
  return { name: path, version: version.replace(/^v/, ''), freedom: 'exact', line, isDevelopment: false };
}

/** A module replaced by a folder is that folder: what was published under its name is not used. */
function replace(module: Module, replaced: readonly Replacement[]): Module {
  const found = replaced.find(
    ({ from }) => from.path === module.path && (from.version === '' || from.version === module.version),
  );
  return found?.to ?? module;
}

function isComplete(go: string): boolean {
  const [major = 0, minor = 0] = go.split('.').map(Number);
  return go !== '' && (major > FIRST_COMPLETE[0] || (major === FIRST_COMPLETE[0] && minor >= FIRST_COMPLETE[1]));
}

/** Directives stand alone on a line or, several of a kind, in parentheses. */
function parse(text: string): GoMod {
  const reader = new Reader();
  for (const [at, raw] of text.split(/\r?\n/).entries()) reader.line(wordsOf(raw), at + 1);
  return reader;
}

class Reader implements GoMod {
  readonly required: (Module & { line: number })[] = [];
  readonly replaced: Replacement[] = [];
  go = '';
  toolchain = '';
  /** The directive whose parentheses are open. */
  #block = '';

  line(words: readonly string[], line: number): void {
    if (words[0] === ')') this.#block = '';
    else if (this.#block !== '') this.#directive(this.#block, words, line);
    else if (words[1] === '(') this.#block = words[0] ?? '';
    else this.#directive(words[0] ?? '', words.slice(1), line);
  }

  #directive(name: string, rest: readonly string[], line: number): void {
    if (name === 'require') this.required.push(...moduleOf(rest).map((module) => ({ ...module, line })));
    if (name === 'replace') this.replaced.push(...replacementOf(rest));
    if (name === 'go') this.go = rest[0] ?? '';
    if (name === 'toolchain') this.toolchain = /^go(\d[\d.]*(?:rc\d+|beta\d+)?)/.exec(rest[0] ?? '')?.[1] ?? '';
  }
}

function wordsOf(line: string): readonly string[] {
  return (line.replace(/(^|\s)\/\/.*$/, '').match(/"[^"]*"|`[^`]*`|=>|[()]|[^\s()"`]+/g) ?? []).map((word) =>
    word.replace(/^["`]|["`]$/g, ''),
  );
}

function moduleOf([path, version]: readonly string[]): readonly Module[] {
  return path === undefined || version === undefined ? [] : [{ path, version }];
}

function replacementOf(words: readonly string[]): readonly Replacement[] {
  const arrow = words.indexOf('=>');
  const [from, fromVersion = ''] = words.slice(0, arrow);
  const [to, toVersion = ''] = words.slice(arrow + 1);
  if (arrow < 1 || from === undefined || to === undefined) return [];
  return [{ from: { path: from, version: fromVersion }, to: { path: to, version: toVersion } }];
}
