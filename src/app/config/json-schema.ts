/** The schema of `config.yaml` for editors that know JSON Schema; `media/config.schema.json` is what this makes. Pure. */
import { z } from 'zod';
import { configSchema } from './schema.ts';

/** What our own providers read and no JSON Schema knows. */
const OURS = ['unit', 'names', 'tighter'] as const;

export function configJsonSchema(): string {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      for (const key of OURS) delete (jsonSchema as Record<string, unknown>)[key];
    },
  });
  return `${JSON.stringify({ ...schema, title: 'config.yaml of MCP Conductor' }, null, 2)}\n`;
}
