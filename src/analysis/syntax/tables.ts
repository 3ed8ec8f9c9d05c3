/** What each kind of syntax node means to the measures, per language; looked up by number while walking. */
import type { Language } from 'web-tree-sitter';
import type { ParsedLanguage } from '../languages.ts';
import { kindsOf } from './cognitive-kinds.ts';
import { c, cpp } from './families/c.ts';
import { csharp } from './families/csharp.ts';
import { ecma } from './families/ecma.ts';
import { type Family, ROLE } from './families/family.ts';
import type { NodeTables } from './node-tables.ts';
import { go } from './families/go.ts';
import { java } from './families/java.ts';
import { kotlin } from './families/kotlin.ts';
import { php } from './families/php.ts';
import { python } from './families/python.ts';
import { ruby } from './families/ruby.ts';
import { rust } from './families/rust.ts';
import { MUTE } from './tokens.ts';
import { flowOf } from './unreachable.ts';

const FAMILIES: Readonly<Record<ParsedLanguage, Family>> = {
  javascript: ecma,
  jsx: ecma,
  typescript: ecma,
  tsx: ecma,
  python,
  java,
  go,
  c,
  cpp,
  rust,
  csharp,
  php,
  ruby,
  kotlin,
};

const cache = new Map<string, NodeTables>();

/** The tables of a loaded grammar, made once. */
export function tablesFor(language: Language, parsed: ParsedLanguage): NodeTables {
  const key = `${parsed}/${language.nodeTypeCount}`;
  let tables = cache.get(key);
  if (tables === undefined) {
    const made = makeTables(language, FAMILIES[parsed]);
    tables = {
      ...made,
      kinds: kindsOf(language, parsed),
      mute: Uint8Array.from(made.names, (name) => Number(MUTE.has(name))),
      flow: Uint8Array.from(made.names, (name) => flowOf(name, parsed)),
    };
    cache.set(key, tables);
  }
  return tables;
}

/** `&&`, and the tokens that end the stretch in which lizard takes it for a reference. */
const REFERENCE_TOKENS: readonly string[] = ['&&', '=', ';', '{', '}', ')'];

const SILENT = /comment|^(?:import_|package_|preproc_include$|using_|use_declaration$|namespace_use_)/;

function makeTables(language: Language, family: Family): Omit<NodeTables, 'kinds' | 'mute' | 'flow'> {
  // Ids up to 65,535 are possible: ERROR has the last one.
  const roles = new Uint16Array(65_536);
  const weights = new Int8Array(65_536);
  const named = new Uint8Array(65_536);
  const silent = new Uint8Array(65_536);
  const names: string[] = [];
  for (let id = 0; id < language.nodeTypeCount; id += 1) {
    const name = language.nodeTypeForId(id) ?? '';
    const isNamed = language.nodeTypeIsNamed(id);
    names[id] = name;
    named[id] = Number(isNamed);
    silent[id] = Number(isNamed && SILENT.test(name));
    roles[id] = isNamed ? (family.named[name] ?? 0) : tokenRole(name, family);
    weights[id] = isNamed ? (family.weights?.[name] ?? 0) : Number(family.conditions.includes(name));
  }
  roles[65_535] = ROLE.error;
  return { family, roles, weights, named, silent, names };
}

function tokenRole(token: string, family: Family): number {
  if (family.questions?.includes(token) === true) return ROLE.question;
  return family.references === true && REFERENCE_TOKENS.includes(token) ? ROLE.reference : 0;
}
