/** Reads a rule's file: a definition, or what is wrong with it, at which line and key. */
import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { messageOf } from '../../../base/errors.ts';
import { compileRule, type CompilePattern } from './compile-rule.ts';
import { type RuleDefinition, ruleSchema } from './rule-schema.ts';

export interface RuleProblem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** Says which key, what it is, and what would be right. */
  readonly message: string;
}

export type ReadRule =
  | { readonly definition: RuleDefinition; readonly problems: readonly [] }
  | { readonly definition?: undefined; readonly problems: readonly RuleProblem[] };

/** Most mistakes told of one file. */
const MAX_PROBLEMS = 10;

/** @param compile the engine that the rule's regular expressions must be written for */
export function readRule(file: string, text: string, compile: CompilePattern): ReadRule {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const at = (offset: number): number => lines.linePos(offset).line;
  if (document.errors.length > 0) {
    return {
      problems: document.errors
        .slice(0, MAX_PROBLEMS)
        .map((error) => ({ file, line: at(error.pos[0]), message: `not valid YAML: ${error.message}` })),
    };
  }
  const lineOf = (path: readonly PropertyKey[]): number => at(offsetOf(document, path));
  const parsed = ruleSchema.safeParse(plainValue(document));
  if (!parsed.success) {
    const problems = parsed.error.issues.slice(0, MAX_PROBLEMS).map(({ path, message }) => {
      return { file, line: lineOf(path), message: `${shown(path)}: ${message}` };
    });
    return { problems };
  }
  const problems: RuleProblem[] = [];
  compileRule(parsed.data, (source, path) => {
    try {
      return compile(source, path);
    } catch (error) {
      problems.push({ file, line: lineOf(path), message: `${shown(path)}: ${messageOf(error)}` });
      return { test: () => false };
    }
  });
  return problems.length > 0
    ? { problems: problems.slice(0, MAX_PROBLEMS) }
    : { definition: parsed.data, problems: [] };
}

/** Aliases can multiply a small file into a huge one. */
function plainValue(document: Document): unknown {
  return document.toJS({ maxAliasCount: 20 });
}

function shown(path: readonly PropertyKey[]): string {
  return path.length === 0 ? 'the rule' : path.map(String).join('.');
}

/** The nearest part of the path that is there: a key that is missing is told at what should hold it. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range != null) return node.range[0];
  }
  return 0;
}
