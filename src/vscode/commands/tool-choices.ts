/** What *Run Tool…* offers at first: every tool that is at hand, and the servers that have to be started to show theirs. Pure. */
import type { ServerSnapshot, ToolInfo } from '../../contracts/index.ts';

export type ToolChoice =
  | { readonly kind: 'tool'; readonly server: ServerSnapshot; readonly tool: ToolInfo }
  | { readonly kind: 'start'; readonly server: ServerSnapshot };

/** Tools in the order of their servers, then the servers that are not ready. */
export function toolChoices(servers: readonly ServerSnapshot[]): readonly ToolChoice[] {
  const ready = servers.filter(({ state }) => state.status === 'ready');
  const others = servers.filter(({ state }) => state.status !== 'ready');
  return [
    ...ready.flatMap((server) =>
      (server.catalog?.tools ?? []).map((tool): ToolChoice => ({ kind: 'tool', server, tool })),
    ),
    ...others.map((server): ToolChoice => ({ kind: 'start', server })),
  ];
}
