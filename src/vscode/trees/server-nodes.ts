/** What the *Servers* view shows, as data: a node per row, made from the directory's snapshots. */
import { basename } from 'node:path';
import type {
  Problem,
  PromptInfo,
  ResourceInfo,
  ServerCatalog,
  ServerSnapshot,
  ToolInfo,
} from '../../contracts/index.ts';
import { count, oneLine, wholeError } from '../text.ts';

export type GroupKind = 'tools' | 'resources' | 'prompts';

export type ServerNode =
  /** Says why nothing is started. */
  | { readonly kind: 'untrusted' }
  | { readonly kind: 'problem'; readonly problem: Problem }
  | { readonly kind: 'server'; readonly server: ServerSnapshot }
  | { readonly kind: 'warning'; readonly server: ServerSnapshot; readonly text: string }
  | { readonly kind: 'group'; readonly server: ServerSnapshot; readonly group: GroupKind }
  | { readonly kind: 'tool'; readonly server: ServerSnapshot; readonly tool: ToolInfo }
  | { readonly kind: 'resource'; readonly server: ServerSnapshot; readonly resource: ResourceInfo }
  | { readonly kind: 'prompt'; readonly server: ServerSnapshot; readonly prompt: PromptInfo };

export const UNTRUSTED_TEXT =
  'This workspace is not trusted. MCP servers are programs, and this folder could name harmful ones, so no server is started and no tool is run.';

export const GROUP_LABELS: Readonly<Record<GroupKind, string>> = {
  tools: 'Tools',
  resources: 'Resources',
  prompts: 'Prompts',
};

/** @param trusted False where servers may be looked at and none is started. */
export function rootNodes(
  servers: readonly ServerSnapshot[],
  problems: readonly Problem[],
  trusted: boolean,
): readonly ServerNode[] {
  return [
    ...(trusted ? [] : [{ kind: 'untrusted' } as const]),
    ...problems.map((problem): ServerNode => ({ kind: 'problem', problem })),
    ...servers.map((server): ServerNode => ({ kind: 'server', server })),
  ];
}

export function childNodes(node: ServerNode): readonly ServerNode[] {
  if (node.kind === 'server') return serverChildren(node.server);
  if (node.kind !== 'group') return [];
  const { server } = node;
  const { catalog } = server;
  if (catalog === undefined) return [];
  if (node.group === 'tools') return catalog.tools.map((tool): ServerNode => ({ kind: 'tool', server, tool }));
  if (node.group === 'resources')
    return catalog.resources.map((resource): ServerNode => ({ kind: 'resource', server, resource }));
  return catalog.prompts.map((prompt): ServerNode => ({ kind: 'prompt', server, prompt }));
}

function serverChildren(server: ServerSnapshot): readonly ServerNode[] {
  const { catalog } = server;
  if (catalog === undefined) return [];
  const groups = (['tools', 'resources', 'prompts'] as const).filter((group) => catalog[group].length > 0);
  return [
    ...catalog.warnings.map((text): ServerNode => ({ kind: 'warning', server, text })),
    ...groups.map((group): ServerNode => ({ kind: 'group', server, group })),
  ];
}

/** `ready · 4 tools`, `failed: spawn nope ENOENT` */
export function serverDescription(server: ServerSnapshot): string {
  const { state, catalog } = server;
  if (state.status === 'failed') return `failed: ${oneLine(withoutSubject(state.reason), 160)}`;
  if (state.status === 'starting') return 'starting…';
  const tools = catalog === undefined ? '' : ` · ${count(catalog.tools.length, 'tool')}`;
  return `${state.status}${tools}`;
}

/** A row and a notification name the server themselves: what the reason says of it is enough. */
export function withoutSubject(reason: string): string {
  return reason.replace(/^server "[^"]*" could not be started: /u, '');
}

export function serverTooltip(server: ServerSnapshot, trusted: boolean): string {
  const { definition, state, catalog } = server;
  const lines = [oneLine(definition.label), originText(server), launchText(server), ''];
  if (state.status === 'ready')
    lines.push(`Ready, MCP ${state.protocolVersion}${state.pid === undefined ? '' : `, process ${state.pid}`}`);
  else if (state.status === 'failed') lines.push('Failed to start:', wholeError(state.reason));
  else if (state.status === 'starting') lines.push('Starting');
  else lines.push(trusted ? 'Stopped; it is started when something needs it' : UNTRUSTED_TEXT);
  if (catalog !== undefined) lines.push(catalogText(catalog));
  return lines.join('\n').trim();
}

function catalogText(catalog: ServerCatalog): string {
  return [
    count(catalog.tools.length, 'tool'),
    count(catalog.resources.length, 'resource'),
    count(catalog.prompts.length, 'prompt'),
  ].join(', ');
}

function originText({ definition }: ServerSnapshot): string {
  const { origin } = definition;
  if (origin.kind === 'bundled') return 'Comes with MCP Conductor';
  const place = origin.kind === 'workspace' ? `${origin.file} of the folder ${origin.folder}` : origin.file;
  return `Configured in ${place}`;
}

/** The command or the address as configured: variables and secrets are still references in it. */
function launchText({ definition }: ServerSnapshot): string {
  if (definition.origin.kind === 'bundled') return '';
  const { launch } = definition;
  return launch.type === 'http' ? oneLine(launch.url) : oneLine([launch.command, ...launch.args].join(' '), 300);
}

export function problemTooltip(problem: Problem): string {
  const place = problem.range === undefined ? '' : `\n${problem.range.file}:${problem.range.line}`;
  return `${wholeError(problem.message)}${place}`;
}

export function problemLabel(problem: Problem): string {
  return problem.range === undefined ? 'Configuration' : `${basename(problem.range.file)}:${problem.range.line}`;
}
