/** Rules about servers that nobody has configured: mostly a slip of the pen, seldom meant. Pure. */
import type { Problem, ServerId } from '../../contracts/index.ts';
import { nearestNames } from '../../mcp/nearest.ts';
import { readYaml, type YamlText } from './yaml-text.ts';

type Path = readonly (string | number)[];

/** The servers there are, and their tools as far as they are known. */
export type LiveNames = readonly { readonly id: ServerId; readonly tools: readonly string[] }[];

/** Warnings only: a server may be configured later, or elsewhere. */
export function unknownServers(text: string, file: string, names: LiveNames): readonly Problem[] {
  if (names.length === 0) return [];
  const yaml = readYaml(text, file);
  const known = names.map(({ id }) => id);
  return mentions(yaml.raw).flatMap(({ path, isKey, server }) =>
    server === '*' || known.includes(server.toLowerCase()) ? [] : [problemOf(yaml, path, isKey, server, known)],
  );
}

function problemOf(yaml: YamlText, path: Path, isKey: boolean, server: string, known: readonly string[]): Problem {
  const [nearest] = nearestNames(server, known);
  const meant = nearest === undefined ? `; there are ${known.join(', ')}` : `; did you mean "${nearest}"?`;
  return {
    severity: 'warning',
    code: 'config/unknown-server',
    message: `no server "${server}" is configured${meant}`,
    range: isKey ? yaml.keyRangeOf(path) : yaml.rangeOf(path),
  };
}

interface Mention {
  readonly path: Path;
  readonly isKey: boolean;
  readonly server: string;
}

function mentions(raw: unknown): readonly Mention[] {
  const root = entriesOf(raw);
  const keys = (path: Path, value: unknown): readonly Mention[] =>
    Object.keys(entriesOf(value)).map((key) => ({ path: [...path, key], isKey: true, server: serverOf(key) }));
  const rules = (section: string): readonly Mention[] =>
    Object.entries(entriesOf(root[section])).flatMap(([index, rule]) => {
      const { tools } = entriesOf(rule);
      return typeof tools === 'string'
        ? [{ path: [section, Number(index), 'tools'], isKey: false, server: serverOf(tools) }]
        : [];
    });
  const { concurrency } = entriesOf(root.layers);
  return [
    ...keys(['tools'], root.tools),
    ...rules('permissions'),
    ...rules('minimize'),
    ...keys(['servers'], root.servers),
    ...keys(['layers', 'concurrency', 'perServer'], entriesOf(concurrency).perServer),
  ];
}

function serverOf(pattern: string): string {
  const dot = pattern.indexOf('.');
  return dot < 0 ? pattern : pattern.slice(0, dot);
}

function entriesOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
