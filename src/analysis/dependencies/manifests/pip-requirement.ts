/** One Python requirement (PEP 508, and pip's git and address forms): `name[extra]>=1,<2; marker`. */
import { hideCredentials } from '../../hide-credentials.ts';
import type { Declared, Freedom } from '../declared.ts';
import { namedVersion } from './manifest.ts';

interface Range {
  readonly version: string;
  readonly freedom: Freedom;
  readonly named?: string | undefined;
}

export type Requirement = Omit<Declared, 'line' | 'isDevelopment'>;

const NAME = /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*/;
const ADDRESS = /^(?:git|hg|svn|bzr)\+|^(?:https?|file|ftp):|^git@/;

/** @returns undefined for what is no requirement. */
export function readRequirement(text: string): Requirement | undefined {
  const plain = withoutMarker(text.trim());
  const found = read(plain);
  return found === undefined || plain === text.trim() ? found : { ...found, isConditional: true };
}

function read(plain: string): Requirement | undefined {
  if (ADDRESS.test(plain)) return addressed(eggName(plain), plain);
  if (/^(?:\.{0,2}\/|~\/|\.$)/.test(plain) || /^[^@]*\.(?:whl|tar\.gz|zip)$/.test(plain)) return undefined;
  const match = NAME.exec(plain);
  const name = match?.[1];
  if (name === undefined) return undefined;
  const rest = plain.slice(match?.[0].length ?? 0).trim();
  if (rest.startsWith('@')) return addressed(name, rest.slice(1).trim());
  const specifier = rest.replace(/^\(|\)$/g, '').trim();
  if (specifier !== '' && !/^(?:[~=!<>]=?|===)/.test(specifier)) return undefined;
  return { name, ...classifySpecifier(specifier) };
}

/** `; python_version < "3"` says when, not what; a `;` inside an address needs white space before it. */
function withoutMarker(text: string): string {
  const at = ADDRESS.test(text) || text.includes('@') ? text.search(/\s;/) : text.indexOf(';');
  return at === -1 ? text : text.slice(0, at).trim();
}

function eggName(address: string): string {
  const egg = /[#&]egg=([\w.-]+)/.exec(address)?.[1];
  // Neither a user nor a query may pass for the name.
  const bare = hideCredentials(address).replace(/[?#].*$/, '');
  return egg ?? /([\w.-]+?)(?:\.git)?(?:@[^/]*)?$/.exec(bare)?.[1] ?? bare;
}

function addressed(name: string, address: string): Requirement {
  const isUnencrypted = /^(?:\w+\+)?(?:http|git|ftp):/.test(address);
  if (address.startsWith('file:')) return { name, version: address, freedom: 'path' };
  if (/^(?:git|hg|svn|bzr)\+|^git@/.test(address)) {
    return {
      name,
      version: address,
      freedom: 'git',
      isPinnedCommit: /@[0-9a-f]{7,64}(?:#|$)/i.test(address),
      isUnencrypted,
    };
  }
  return { name, version: address, freedom: 'url', isUnencrypted };
}

/** `==1.0` gives 1.0, exact; anything else its text. */
function classifySpecifier(specifier: string): Range {
  const clauses = specifier
    .split(',')
    .map((clause) => clause.trim())
    .filter((clause) => clause !== '');
  const exact = clauses.length === 1 ? /^={2,3}\s*([^*\s]+)$/.exec(clauses[0] ?? '')?.[1] : undefined;
  if (exact !== undefined) return { version: exact, freedom: 'exact' };
  const version = clauses.join(',');
  if (clauses.length === 0 || clauses.every((clause) => clause.startsWith('!='))) return { version, freedom: 'any' };
  const freedom = clauses.some((clause) => /^(?:~=|==|<)/.test(clause)) ? 'range' : 'open';
  return { version, freedom, named: namedBy(clauses) };
}

/** What `>=`, `~=` or `==` name, or else what `<=` does; the bounds of `>`, `<` and `==1.*` are no versions to have. */
function namedBy(clauses: readonly string[]): string | undefined {
  const named = (operators: RegExp): string | undefined =>
    clauses.map((clause) => operators.exec(clause)?.[1]).find((version) => version !== undefined);
  return named(/^(?:>=|~=|={2,3})\s*([^*\s]+)$/) ?? named(/^<=\s*([^*\s]+)$/);
}

/** Poetry's own notation: `^1.2`, `~1.2`, `*`, `1.2.3`, `>=1,<2`. */
export function classifyPoetry(specifier: string): Range {
  const text = specifier.trim();
  if (text === '*' || text === '') return { version: text, freedom: 'any' };
  if (/^\d[\w.+!-]*$/.test(text)) return { version: text, freedom: 'exact' };
  if (/^[\^~]/.test(text) || text.includes('*')) return { version: text, freedom: 'range', named: namedVersion(text) };
  return classifySpecifier(text);
}
