/** yarn.lock: the classic format of yarn 1, which is yarn's own, and that of berry, which is YAML. */
import { distinctPackages, type Locked, type Lockfile, sourceOf } from '../declared.ts';
import { readYaml, table, textAt } from '../parse.ts';

/** @throws ManifestError when a berry lockfile is not YAML. */
export function readYarnLockfile(file: string, text: string): Lockfile {
  const locked = /^__metadata:/m.test(text) ? fromBerry(text) : fromClassic(text);
  return { ecosystem: 'npm', file, locked: distinctPackages(locked) };
}

/** The root of the workspace is the project itself; its members are packages of their own. */
function fromBerry(text: string): Locked[] {
  return Object.entries(readYaml(text)).flatMap(([key, value]): readonly Locked[] => {
    const entry = table(value);
    const version = textAt(entry, 'version');
    const resolution = textAt(entry, 'resolution') || key;
    if (key === '__metadata' || version === '' || resolution.endsWith('@workspace:.')) return [];
    const { name, rest } = split(resolution);
    const source = /\.git#|commit=/.test(rest) ? (sourceOf(rest) ?? 'git') : sourceOf(rest);
    return [{ name, version, source, isLocal: /^(?:workspace|file|link|portal):/.test(rest), key }];
  });
}

/** `a@^1.0.0, b@npm:a@2:` at the margin, then indented `version "1.0.0"` and `resolved "address"`. */
function fromClassic(text: string): Locked[] {
  const locked: Locked[] = [];
  let name: string | undefined;
  let key = '';
  for (const line of text.split(/[ \t]*\r?\n/)) {
    if (/^[^\s#].*:$/.test(line)) {
      key = line;
      name = describedName(line);
      continue;
    }
    const [, field, value = ''] = /^ {2}"?(version|resolved)"?:? "?([^"]*)"?$/.exec(line) ?? [];
    if (field === 'version' && name !== undefined && name !== '') {
      locked.push({ name, version: value, key });
      name = undefined;
    }
    const last = locked.at(-1);
    if (field === 'resolved' && last?.key === key) locked[locked.length - 1] = { ...last, source: sourceOf(value) };
  }
  return locked;
}

/** The first of the descriptions tells the name; what is behind an alias is the package. */
function describedName(header: string): string {
  const first = header.startsWith('"')
    ? (/^"([^"]*)"/.exec(header)?.[1] ?? '')
    : (/^[^,]*?(?=, |:$)/.exec(header)?.[0] ?? '');
  const { name, rest } = split(first);
  return /^npm:((?:@[^/@]+\/)?[^/@]+)@/.exec(rest)?.[1] ?? name;
}

/** At the `@` that is not a scope's. */
function split(description: string): { readonly name: string; readonly rest: string } {
  const at = description.indexOf('@', 1);
  return at === -1
    ? { name: description, rest: '' }
    : { name: description.slice(0, at), rest: description.slice(at + 1) };
}
