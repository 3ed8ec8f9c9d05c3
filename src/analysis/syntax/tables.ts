/** What each kind of syntax node means to the measures, per language; looked up by number while walking. */
import type { Language } from 'web-tree-sitter';
import type { ParsedLanguage } from '../languages.ts';

/** Roles are bits: one node can have several. */
export const ROLE = {
  function: 1,
  /** A control structure, one level deeper for what is inside. */
  nesting: 2,
  comment: 4,
  /** A handler of an exception. */
  handler: 8,
  import: 16,
  call: 32,
  /** Names its text as it is counted when it equals a keyword. */
  word: 64,
  /** An expression inside a template literal, which lizard does not look into. */
  opaque: 128,
  /** `?`, `?.`, `??` and the like. */
  question: 256,
  /** A class-like declaration, which qualifies the names of its members. */
  type: 512,
  error: 1_024,
} as const;

export interface NodeTables {
  /** Bits of `ROLE` by node type id. */
  readonly roles: Uint16Array;
  /** Cyclomatic weight by node type id. */
  readonly weights: Uint8Array;
  /** Name by node type id. */
  readonly names: readonly string[];
}

type Family = 'ecma' | 'python' | 'java';

export function familyOf(language: ParsedLanguage): Family {
  if (language === 'python' || language === 'java') return language;
  return 'ecma';
}

interface FamilyRoles {
  readonly named: Readonly<Record<string, number>>;
  /** Tokens that add one, by their text. */
  readonly conditions: readonly string[];
  readonly questions: readonly string[];
}

const loops = (names: readonly string[]): Record<string, number> =>
  Object.fromEntries(names.map((name) => [name, ROLE.nesting]));
const functions = (names: readonly string[]): Record<string, number> =>
  Object.fromEntries(names.map((name) => [name, ROLE.function]));
const types = (names: readonly string[]): Record<string, number> =>
  Object.fromEntries(names.map((name) => [name, ROLE.type]));

const FAMILIES: Readonly<Record<Family, FamilyRoles>> = {
  ecma: {
    named: {
      ...functions([
        'function_declaration',
        'function_expression',
        'generator_function',
        'generator_function_declaration',
      ]),
      ...functions(['arrow_function', 'method_definition']),
      ...loops([
        'if_statement',
        'for_statement',
        'for_in_statement',
        'while_statement',
        'do_statement',
        'switch_statement',
      ]),
      ...loops(['try_statement']),
      ...types(['class_declaration', 'class', 'abstract_class_declaration']),
      comment: ROLE.comment,
      catch_clause: ROLE.handler,
      import_statement: ROLE.import,
      export_statement: ROLE.import,
      call_expression: ROLE.call,
      template_substitution: ROLE.opaque,
      property_identifier: ROLE.word,
      optional_chain: ROLE.question,
    },
    conditions: ['if', 'for', 'while', 'catch', 'case', '&&', '||', '&&=', '||='],
    questions: ['?', '?.', '??', '??='],
  },
  python: {
    named: {
      ...functions(['function_definition']),
      ...loops([
        'if_statement',
        'for_statement',
        'while_statement',
        'try_statement',
        'with_statement',
        'match_statement',
      ]),
      ...types(['class_definition']),
      comment: ROLE.comment,
      except_clause: ROLE.handler,
      except_group_clause: ROLE.handler,
      import_statement: ROLE.import,
      import_from_statement: ROLE.import,
    },
    conditions: ['if', 'elif', 'for', 'while', 'except', 'except*', 'finally', 'and', 'or', 'case'],
    questions: [],
  },
  java: {
    named: {
      ...functions(['method_declaration', 'constructor_declaration']),
      ...loops(['if_statement', 'for_statement', 'enhanced_for_statement', 'while_statement', 'do_statement']),
      ...loops(['switch_expression', 'try_statement', 'try_with_resources_statement', 'synchronized_statement']),
      ...types(['class_declaration', 'interface_declaration', 'enum_declaration', 'record_declaration']),
      ...types(['annotation_type_declaration', 'object_creation_expression']),
      line_comment: ROLE.comment,
      block_comment: ROLE.comment,
      catch_clause: ROLE.handler,
      import_declaration: ROLE.import,
      package_declaration: ROLE.import,
    },
    conditions: ['if', 'for', 'while', 'catch', 'case', '&&', '||'],
    questions: ['?'],
  },
};

const cache = new Map<string, NodeTables>();

/** The tables of a loaded grammar, made once. */
export function tablesFor(language: Language, parsed: ParsedLanguage): NodeTables {
  const key = `${parsed}/${language.nodeTypeCount}`;
  let tables = cache.get(key);
  if (tables === undefined) {
    tables = makeTables(language, FAMILIES[familyOf(parsed)]);
    cache.set(key, tables);
  }
  return tables;
}

function makeTables(language: Language, family: FamilyRoles): NodeTables {
  // Ids up to 65,535 are possible: ERROR has the last one.
  const roles = new Uint16Array(65_536);
  const weights = new Uint8Array(65_536);
  const names: string[] = [];
  for (let id = 0; id < language.nodeTypeCount; id += 1) {
    const name = language.nodeTypeForId(id) ?? '';
    names[id] = name;
    if (language.nodeTypeIsNamed(id)) {
      roles[id] = family.named[name] ?? 0;
    } else {
      if (family.conditions.includes(name)) weights[id] = 1;
      if (family.questions.includes(name)) roles[id] = ROLE.question;
    }
  }
  roles[65_535] = ROLE.error;
  return { roles, weights, names };
}
