/** `.mcp-conductor/config.yaml` of a folder: it may only tighten what the user's own configuration says. Pure. */
import type { Problem } from '../../contracts/index.ts';
import { byLine, parseConfig } from './parse-config.ts';
import { createPolicies, usualLimitOf } from './policy.ts';
import type { ReadConfig, WorkspaceRules } from './read-config.ts';
import { configSchema, type UserConfig } from './schema.ts';
import { tightenLayers, type Widening } from './tighten-layers.ts';
import { tightenTools } from './tighten-tools.ts';
import type { YamlText } from './yaml-text.ts';

/** Sections in which a workspace has a say; all others are the user's own. */
const SHARED: readonly string[] = [
  'version',
  'tools',
  'permissions',
  'minimize',
  'layers',
] satisfies readonly (keyof UserConfig)[];

/** What holds in a workspace; whatever would let more happen is a problem at its line, and the rest counts. */
export function withWorkspace(user: ReadConfig, text: string, file: string): ReadConfig {
  const { yaml, config, permissionRanges, problems, lostRules } = parseConfig(text, file);
  const written = sectionsOf(yaml.raw);
  const tightened = tightenLayers(user.config.layers, sectionsOf(written.layers), config.layers);
  const { cache } = tightened.layers;
  const before = {
    policies: createPolicies(user.config, user.workspaces),
    usualLimit: usualLimitOf(tightened.layers),
    usualTtlMs: cache === false ? 0 : cache.ttl,
  };
  const tools = tightenTools(before, config.tools);
  const widenings = [...usersOwn(written), ...tightened.widenings, ...tools.widenings];
  const rules: WorkspaceRules = {
    file,
    permissions: config.permissions.map((rule, index) => ({ ...rule, range: permissionRanges[index] })),
    tools: tools.tools,
    lostRules,
  };
  return {
    ...user,
    config: {
      ...user.config,
      layers: tightened.layers,
      minimize: [...user.config.minimize, ...config.minimize],
    },
    problems: [
      ...user.problems,
      ...byLine([...problems, ...widenings.map((widening) => toProblem(widening, yaml, user.file))]),
    ],
    workspaces: [...user.workspaces, rules],
  };
}

function sectionsOf(raw: unknown): Readonly<Record<string, unknown>> {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? { ...raw } : {};
}

function usersOwn(written: Readonly<Record<string, unknown>>): readonly Widening[] {
  return Object.keys(configSchema.shape)
    .filter((section) => !SHARED.includes(section) && Object.hasOwn(written, section))
    .map((section) => ({
      path: [section],
      because: 'it is for you alone to say',
    }));
}

function toProblem({ path, because }: Widening, yaml: YamlText, userFile: string): Problem {
  return {
    severity: 'error',
    code: 'config/widens',
    message: `${path.join('.')}: a workspace may only tighten, and ${because}; put it into ${userFile}`,
    range: path.length > 1 ? yaml.rangeOf(path) : yaml.keyRangeOf(path),
  };
}
