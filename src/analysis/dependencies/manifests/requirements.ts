/** requirements.txt and its kin: pip's options, continued lines and comments understood, every line number kept. */
import type { Declared, Manifest } from '../declared.ts';
import { manifest } from './manifest.ts';
import { readRequirement } from './pip-requirement.ts';

const DEVELOPMENT =
  /(^|[/_.-])(dev|devel|development|test|tests|testing|docs?|lint|ci|build|typing|style|benchmarks?)([/_.-]|$)/i;
const INDEX = /^(?:-i|--index-url|--extra-index-url|-f|--find-links)(?:\s+|=)http:\/\//;
/** Longer lists are not written by anyone. */
const MAX_LINES = 50_000;

interface LogicalLine {
  readonly text: string;
  readonly line: number;
}

export function readRequirementsFile(file: string, text: string): Manifest {
  const declared: Declared[] = [];
  const unencryptedIndexes: number[] = [];
  const isDevelopment = DEVELOPMENT.test(file);
  for (const { text: content, line } of logicalLines(text)) {
    if (INDEX.test(content)) unencryptedIndexes.push(line);
    const editable = /^(?:-e|--editable)(?:\s+|=)(.+)$/.exec(content)?.[1];
    if (editable === undefined && content.startsWith('-')) continue;
    const requirement = readRequirement((editable ?? content).replace(/\s--?[a-z][\s\S]*$/, ''));
    if (requirement !== undefined) declared.push({ ...requirement, line, isDevelopment });
  }
  // `requirements.in` is compiled into a list of pins; it is not one itself.
  return manifest('PyPI', file, declared, { isPinList: !file.endsWith('.in'), line: 1, unencryptedIndexes });
}

/** Lines joined at a trailing backslash, without comments and empty ones. */
function logicalLines(text: string): readonly LogicalLine[] {
  const logical: LogicalLine[] = [];
  let pending: LogicalLine | undefined;
  for (const [at, raw] of text.split(/\r?\n/, MAX_LINES).entries()) {
    const isComment = /^\s*#/.test(raw);
    const content = isComment ? '' : raw.replace(/\s#.*$/, '');
    const isContinued = /\\\s*$/.test(content);
    const body = content.replace(/\\\s*$/, '');
    pending = { text: `${pending?.text ?? ''}${body}`, line: pending?.line ?? at + 1 };
    if (isContinued) continue;
    if (pending.text.trim() !== '') logical.push({ text: pending.text.trim(), line: pending.line });
    pending = undefined;
  }
  if (pending !== undefined && pending.text.trim() !== '')
    logical.push({ text: pending.text.trim(), line: pending.line });
  return logical;
}
