/** setup.cfg of setuptools: install_requires and extras_require, with the line of each. */
import type { Declared, Manifest } from '../declared.ts';
import { manifest } from './manifest.ts';
import { readRequirement } from './pip-requirement.ts';

const MAX_LINES = 50_000;

export function readSetupCfg(file: string, text: string): Manifest {
  const declared: Declared[] = [];
  const cursor = new Cursor();
  for (const [at, raw] of text.split(/\r?\n/, MAX_LINES).entries()) {
    const body = cursor.take(raw.replace(/(^|\s)[#;].*$/, ''));
    const requirement = body === undefined ? undefined : readRequirement(body);
    if (requirement !== undefined) declared.push({ ...requirement, line: at + 1, isDevelopment: cursor.isExtra });
  }
  return manifest('PyPI', file, declared, { isLibrary: true });
}

/** Knows which section and key a line belongs to. */
class Cursor {
  #section = '';
  #isList = false;

  get isExtra(): boolean {
    return this.#section !== 'options';
  }

  /** @returns what may be a requirement on this line; undefined for headers, other keys and empty lines. */
  take(line: string): string | undefined {
    const header = /^\[([^\]]+)\]/.exec(line)?.[1];
    if (header !== undefined) {
      this.#section = header.trim();
      this.#isList = false;
      return undefined;
    }
    const key = /^([\w.-]+)\s*=(.*)$/.exec(line);
    if (key !== null) this.#isList = this.#holdsRequirements(key[1] ?? '');
    const body = key === null ? line : (key[2] ?? '');
    return this.#isList && body.trim() !== '' ? body : undefined;
  }

  #holdsRequirements(key: string): boolean {
    return this.#section === 'options.extras_require' || (this.#section === 'options' && key === 'install_requires');
  }
}
