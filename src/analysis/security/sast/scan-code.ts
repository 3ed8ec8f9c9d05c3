/** Dangerous code in one text: parsed, lowered, and matched against the rules. */
import type { ParsedLanguage } from '../../languages.ts';
import type { Grammars } from '../../syntax/parser.ts';
import { type FindingDraft, LineIndex, lowered } from '../findings.ts';
import { isRehearsal, isVendored } from '../secrets/file-flavour.ts';
import { CSHARP, GO, PHP, RUBY } from './language-tables.ts';
import { lowerByTable } from './lower-by-table.ts';
import { lowerJava } from './lower-java.ts';
import { lowerJavaScript } from './lower-javascript.ts';
import { lowerPython } from './lower-python.ts';
import { matchRules, type SastMatch } from './match.ts';
import type { CodeLanguage, Program } from './program.ts';
import type { SastRule } from './rule.ts';
import { REQUEST_WORDS } from './sources.ts';
import { copyTree, type SyntaxNode } from './syntax.ts';

/** The languages that have rules. */
const FAMILY: Readonly<Partial<Record<ParsedLanguage, CodeLanguage>>> = {
  javascript: 'javascript',
  jsx: 'javascript',
  typescript: 'javascript',
  tsx: 'javascript',
  python: 'python',
  java: 'java',
  go: 'go',
  php: 'php',
  ruby: 'ruby',
  csharp: 'csharp',
};
const LOWER: Readonly<Record<CodeLanguage, (root: SyntaxNode, source: string) => Program>> = {
  javascript: lowerJavaScript,
  python: lowerPython,
  java: lowerJava,
  go: lowerByTable(GO),
  php: lowerByTable(PHP),
  ruby: lowerByTable(RUBY),
  csharp: lowerByTable(CSHARP),
};

/** False for a language that no rule is about. */
export function hasRules(language: string): boolean {
  return Object.hasOwn(FAMILY, language);
}

/** Milliseconds for parsing one file. */
const PARSE_LIMIT_MS = 10_000;

export interface CodeFile {
  /** Relative to the root. */
  readonly file: string;
  readonly text: string;
  readonly language: ParsedLanguage;
}

/** @throws ConductorError TIMEOUT when the text cannot be parsed in time. */
export async function scanCode(
  { file, text, language }: CodeFile,
  grammars: Grammars,
  rules: readonly SastRule[],
): Promise<readonly FindingDraft[]> {
  const family = FAMILY[language];
  if (family === undefined || !isWorthParsing(text, rules, family)) return [];
  const tree = await grammars.parse(language, text, PARSE_LIMIT_MS);
  let root: SyntaxNode;
  try {
    root = copyTree(tree);
  } finally {
    tree.delete();
  }
  const program = LOWER[family](root, text);
  const lines = new LineIndex(text);
  return matchRules(program, rules).map((match) => toDraft(file, text, match, lines));
}

/** False when no rule can find anything: parsing is what a scan spends its time on. */
function isWorthParsing(text: string, rules: readonly SastRule[], family: CodeLanguage): boolean {
  const hasRequests = REQUEST_WORDS[family].test(text);
  return rules.some((rule) => {
    const language = rule.languages[family];
    return language !== undefined && (hasRequests || !language.needsRequest) && language.hint.test(text);
  });
}

/** Characters of code that tell one problem from another; white space among them counts for nothing. */
const MAX_IDENTITY = 20_000;

/** Tests and examples; but what lies with the program itself runs, whatever its folders are called. */
function isMadeUp(file: string): boolean {
  return isRehearsal(file.replace(/(^|\/)templates?\//g, '$1')) && !/(^|\/)src\/main\//.test(file);
}

function toDraft(file: string, text: string, match: SastMatch, lines: LineIndex): FindingDraft {
  const { rule, at } = match;
  const origin = match.tainted ? ' The value comes from a request.' : '';
  return {
    ruleId: rule.id,
    kind: 'sast',
    severity: isMadeUp(file) || isVendored(file) ? lowered(match.severity, 2) : match.severity,
    confidence: match.confidence,
    message: `${rule.title}: ${rule.rationale}${origin}`,
    file,
    startLine: lines.lineAt(at.start),
    endLine: lines.lineAt(Math.max(at.start, at.end - 1)),
    cwe: rule.cwe,
    help: rule.help,
    at: at.start,
    identity: [text.slice(at.start, Math.min(at.end, at.start + MAX_IDENTITY))],
  };
}
