/** What an editor asks of a `config.yaml`: mistakes, completion and hover, all from the schema. Its own bundle. */
import { join } from 'node:path';
import type { Problem } from '../../contracts/index.ts';
import { userConfigDir } from '../../node/state-dir.ts';
import { LiveRules } from '../live-rules.ts';
import { type Cursor, cursorAt, wordAt } from './cursor.ts';
import { byLine } from './parse-config.ts';
import { configSchema } from './schema.ts';
import { factsOf, type FieldFacts, fieldAt, isList, isMapping, keyNames, keysOf, metaOf } from './schema-tree.ts';
import { configTemplate } from './template.ts';
import { type LiveNames, unknownServers } from './unknown-servers.ts';
import { parseUserConfig } from './user-config.ts';
import { withWorkspace } from './workspace-config.ts';

export interface ConfigText {
  readonly text: string;
  /** Absolute path. */
  readonly file: string;
  /** The user's own configuration, when this one is a workspace's. */
  readonly user?: { readonly text: string; readonly file: string } | undefined;
}

export interface Suggestion {
  readonly label: string;
  readonly kind: 'key' | 'value' | 'name';
  readonly detail: string;
  readonly documentation: string;
  /** `$0` is where the cursor goes. */
  readonly insert: string;
  /** Offsets of what it replaces. */
  readonly from: number;
  readonly to: number;
}

/** Absolute path of the user's own file, which need not exist. */
export function userConfigFile(): string {
  return join(userConfigDir(), 'config.yaml');
}

/** What a file begins with. */
export function firstText(kind: 'user' | 'workspace'): string {
  return configTemplate(kind);
}

/** Every mistake of this file, at its place. */
export function diagnose({ text, file, user }: ConfigText, names: LiveNames): readonly Problem[] {
  const read =
    user === undefined ? parseUserConfig(text, file) : withWorkspace(parseUserConfig(user.text, user.file), text, file);
  const problems = [...read.problems, ...new LiveRules(read).problems];
  return byLine([...problems.filter(({ range }) => range?.file === file), ...unknownServers(text, file, names)]);
}

export function complete(text: string, offset: number, names: LiveNames): readonly Suggestion[] {
  const cursor = cursorAt(text, offset);
  if (cursor === undefined) return [];
  const schema = fieldAt(configSchema, cursor.path);
  if (schema === undefined) return [];
  const values = cursor.role === 'value' ? valueSuggestions(factsOf(schema), cursor, names) : [];
  const mayHaveKeys = cursor.role === 'key' || isMapping(schema);
  return mayHaveKeys ? [...values, ...keySuggestions(cursor, names)] : values;
}

function keySuggestions(cursor: Cursor, names: LiveNames): readonly Suggestion[] {
  const schema = fieldAt(configSchema, cursor.path);
  if (schema === undefined) return [];
  const known = keysOf(schema).filter((key) => !cursor.siblings.includes(key));
  const chosen = namesFor(keyNames(schema), names).filter((key) => !cursor.siblings.includes(key));
  return [...known, ...chosen].map((key) => {
    const field = fieldAt(schema, [key]);
    const facts = field === undefined ? undefined : factsOf(field);
    const ending = field === undefined || cursor.isFlow ? ': $0' : endingOf(field);
    return {
      label: key,
      kind: known.includes(key) ? 'key' : 'name',
      detail: facts === undefined ? '' : detailOf(facts),
      documentation: facts?.description ?? '',
      insert: cursor.hasColon ? quoted(key) : `${quoted(key)}${ending}`,
      from: cursor.from,
      to: cursor.to,
    };
  });
}

/** What is written behind a key, so that the next thing can be. */
function endingOf(field: Parameters<typeof factsOf>[0]): string {
  if (isMapping(field)) return ':\n  $0';
  return isList(field) ? ':\n  - $0' : ': $0';
}

function valueSuggestions(facts: FieldFacts, cursor: Cursor, names: LiveNames): readonly Suggestion[] {
  const byDefault = isPlain(facts.byDefault) ? [facts.byDefault] : [];
  const listed = [...new Set([...facts.values, ...byDefault, ...facts.examples].map(String))];
  const live = namesFor(facts.names, names);
  return [...listed, ...live].map((label) => ({
    label,
    kind: live.includes(label) ? 'name' : 'value',
    detail: label === String(facts.byDefault) ? 'default' : '',
    documentation: facts.description ?? '',
    insert: quoted(label),
    from: cursor.from,
    to: cursor.to,
  }));
}

function namesFor(kind: FieldFacts['names'], names: LiveNames): readonly string[] {
  switch (kind) {
    case 'servers':
      return names.map(({ id }) => id);
    case 'tools':
      return ['*.*', ...names.flatMap(({ id, tools }) => [`${id}.*`, ...tools.map((tool) => `${id}.${tool}`)])];
    case 'principals':
      return ['person', 'pipeline:review', 'pipeline', 'agent', 'automation'];
    case undefined:
      return [];
  }
}

/** YAML takes a leading star for an alias. */
function quoted(text: string): string {
  return text.startsWith('*') ? `'${text}'` : text;
}

export interface Hover {
  readonly markdown: string;
  readonly from: number;
  readonly to: number;
}

export function hoverAt(text: string, offset: number): Hover | undefined {
  const word = wordAt(text, offset);
  if (word === undefined) return undefined;
  const field = fieldAt(configSchema, word.path);
  const facts = field === undefined ? undefined : factsOf(field);
  if (field === undefined || facts?.description === undefined) return undefined;
  const tighter = metaOf(field).tighter;
  const lines = [
    `**${word.path.filter((key) => typeof key === 'string').join('.')}**: ${facts.description}`,
    isMapping(field) ? '' : `May be ${facts.expected}.`,
    isPlain(facts.byDefault) ? `Default: \`${String(facts.byDefault)}\`` : '',
    tighter === undefined ? '' : `A workspace may ${WORKSPACE[tighter]}.`,
  ];
  return { markdown: lines.filter((line) => line !== '').join('\n\n'), from: word.from, to: word.to };
}

const WORKSPACE = {
  less: 'only lower it',
  more: 'only raise it',
  on: 'only switch it on',
  off: 'only switch it off',
} as const;

function detailOf({ byDefault, unit, expected }: FieldFacts): string {
  const what = unit ?? (expected.startsWith('a mapping') ? 'section' : expected);
  return isPlain(byDefault) ? `${what}, default ${String(byDefault)}` : what;
}

const isPlain = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
