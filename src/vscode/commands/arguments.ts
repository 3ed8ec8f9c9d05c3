/** What commands are called with: a row of a view, or nothing from the palette. Anything else is not taken for one. */
import type { RunNode } from '../trees/run-nodes.ts';
import type { ServerNode } from '../trees/server-nodes.ts';

function kindOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
}

/** Any row that belongs to a server. */
export function isServerNode(value: unknown): value is Exclude<ServerNode, { kind: 'problem' | 'untrusted' }> {
  return typeof value === 'object' && value !== null && 'kind' in value && 'server' in value;
}

export function isToolNode(value: unknown): value is ServerNode & { kind: 'tool' } {
  return kindOf(value) === 'tool' && isServerNode(value);
}

export function isProblemNode(value: unknown): value is ServerNode & { kind: 'problem' } {
  return kindOf(value) === 'problem' && typeof value === 'object' && value !== null && 'problem' in value;
}

export function isRunNode(value: unknown): value is RunNode & { kind: 'run' } {
  return kindOf(value) === 'run' && typeof value === 'object' && value !== null && 'run' in value;
}
