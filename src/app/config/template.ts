/** The file that a person starts from: every section with its meaning and defaults, all of it commented out. Pure. */
import type { z } from 'zod';
import { configSchema } from './schema.ts';
import { alternatives, factsOf, fieldAt, isMapping, keysOf } from './schema-tree.ts';

const HEADER = [
  '# Configuration of MCP Conductor. What is commented out shows the defaults.',
  '# A folder may tighten it in its own .mcp-conductor/config.yaml, once the folder is trusted.',
];

const WORKSPACE_HEADER = [
  '# Rules of this folder for MCP Conductor. They count where the folder is trusted, and may only tighten what each',
  '# person allows, by denying or asking, lower limits and times, more risk, and more that is taken out.',
];

type Examples = Readonly<Record<string, readonly string[]>>;

const USER_EXAMPLES: Examples = {
  pipelines: ['review: { security: my-scanner.scan }'],
  servers: ['wiki: { stateful: true, pool: { max: 4 } }'],
  permissions: ['- { effect: deny, tools: wiki.delete_* }', '- { effect: ask, tools: crm.* }'],
  tools: ['wiki.get_*: { idempotent: true, cache: 10m }', 'crm.*: { risk: high, audit: required }'],
  minimize: ['- { tools: crm.*, input: { remove: [ssn] }, output: { detect: [email] } }'],
};

/** Of the sections that a workspace has a say in. */
const WORKSPACE_EXAMPLES: Examples = {
  permissions: USER_EXAMPLES.permissions ?? [],
  tools: ['crm.*: { risk: high, audit: required, cache: false }'],
  minimize: USER_EXAMPLES.minimize ?? [],
  layers: ['concurrency: { global: 5 }', 'timeout: { max: 1m }', 'retry: false'],
};

export function configTemplate(kind: 'user' | 'workspace'): string {
  const isUsers = kind === 'user';
  const header = isUsers ? HEADER : WORKSPACE_HEADER;
  const examples = isUsers ? USER_EXAMPLES : WORKSPACE_EXAMPLES;
  const sections = isUsers ? keysOf(configSchema).filter((key) => key !== 'version') : Object.keys(examples);
  const parts = sections.map((key) =>
    sectionLines(key, examples)
      .map((line) => `# ${line}`)
      .join('\n'),
  );
  return `${header.join('\n')}\nversion: 1\n\n${parts.join('\n\n')}\n`;
}

function sectionLines(key: string, examples: Examples): readonly string[] {
  const field = fieldAt(configSchema, [key]);
  if (field === undefined) return [];
  const { description = '' } = factsOf(field);
  const below = examples[key] ?? fieldsOf(field);
  return [description, `${key}:`, ...below.map((line) => `  ${line}`)];
}

function fieldsOf(schema: z.ZodType): readonly string[] {
  return keysOf(schema).flatMap((key) => {
    const field = fieldAt(schema, [key]);
    if (field === undefined) return [];
    const { description = '', byDefault } = factsOf(field);
    const note = description === '' ? '' : `  # ${description}`;
    if (isMapping(field) && alternatives(field).some((one) => keysOf(one).length > 0)) {
      return [`${key}:${note}`, ...fieldsOf(field).map((line) => `  ${line}`)];
    }
    return [`${key}:${byDefault === undefined ? '' : ` ${written(byDefault)}`}${note}`];
  });
}

function written(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
