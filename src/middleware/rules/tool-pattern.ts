/** The patterns of rules, `server.tool`, `server.*`, `*.*`: what they match, and which covers which. */
import type { Request, ServerId } from '../../contracts/index.ts';

export interface ToolPattern {
  /** As the rule spells it. */
  readonly text: string;
  /** Undefined for every server. */
  readonly server: ServerId | undefined;
  /** The name after the first dot; `*` stands for any number of characters. */
  readonly target: string;
}

const SERVER = /^[\p{L}\p{N}_-]+$/u;
/** What is not a tool carries its kind, so that a rule about a tool never reaches a prompt of the same name. */
const KIND = /^(?:tool|resource|prompt):/;

/**
 * Reads `server.tool`, `server.*` or `*.*`. The part after the first dot may hold `*` anywhere; resources and prompts
 * are `server.resource:URI` and `server.prompt:NAME`, and `*` alone covers them too.
 *
 * @throws TypeError saying what would be right.
 */
export function parseToolPattern(text: string): ToolPattern {
  const dot = text.indexOf('.');
  const server = text.slice(0, Math.max(0, dot));
  const target = text.slice(dot + 1);
  if (dot < 1 || target === '' || target.trim() !== target) {
    throw new TypeError(`"${text}" names no tool: write server.tool, server.* or *.*`);
  }
  if (server === '*') return { text, server: undefined, target };
  if (!SERVER.test(server)) {
    throw new TypeError(
      `"${server}" in "${text}" is no server id: letters, digits, "-" and "_", or "*" for every server`,
    );
  }
  return { text, server: server.toLowerCase(), target };
}

/** What rules call the thing a request asks for. */
export function ruleTargetOf(request: Request): string {
  switch (request.kind) {
    case 'tool':
      return KIND.test(request.tool) ? `tool:${request.tool}` : request.tool;
    case 'resource':
      return `resource:${request.uri}`;
    case 'prompt':
      return `prompt:${request.name}`;
    case 'complete':
      return request.ref.kind === 'prompt' ? `prompt:${request.ref.name}` : `resource:${request.ref.uri}`;
  }
}

export function matchesTool(pattern: ToolPattern, server: ServerId, target: string): boolean {
  return (pattern.server === undefined || pattern.server === server) && matchesTarget(pattern.target, target);
}

/** True when everything that `narrow` matches, `wide` matches too. */
export function coversTools(wide: ToolPattern, narrow: ToolPattern): boolean {
  if (wide.server !== undefined && wide.server !== narrow.server) return false;
  return matchesTarget(wide.target, narrow.target);
}

/** False only when no request can match both. */
export function overlapTools(a: ToolPattern, b: ToolPattern): boolean {
  if (a.server !== undefined && b.server !== undefined && a.server !== b.server) return false;
  if (a.target.includes('*') && b.target.includes('*')) return true;
  return matchesTarget(a.target, b.target) || matchesTarget(b.target, a.target);
}

function matchesTarget(glob: string, target: string): boolean {
  if (glob === '*') return true;
  const kind = KIND.exec(target)?.[0];
  if (kind !== undefined && !glob.startsWith(kind)) return false;
  return matchesGlob(glob, target);
}

/** `*` stands for any number of characters. Takes the pieces between the stars from left to right: no backtracking. */
export function matchesGlob(glob: string, text: string): boolean {
  if (!glob.includes('*')) return glob === text;
  const pieces = glob.split('*');
  const first = pieces[0] ?? '';
  const last = pieces.at(-1) ?? '';
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > text.length - last.length) return false;
    at = found + piece.length;
  }
  return true;
}
