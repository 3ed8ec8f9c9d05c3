/** Tree-sitter for the languages that are parsed: each grammar is loaded once, when its first file comes. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Language, Parser, type Tree } from 'web-tree-sitter';
import type { Clock } from '../../base/clock.ts';
import { ConductorError } from '../../base/errors.ts';
import type { ParsedLanguage } from '../languages.ts';

export interface Grammars {
  /**
   * Parses a whole text; delete the tree when done with it.
   * @throws ConductorError TIMEOUT when parsing takes longer than `limitMs` milliseconds.
   */
  parse(language: ParsedLanguage, text: string, limitMs: number): Promise<Tree>;
}

const GRAMMAR_OF: Readonly<Record<ParsedLanguage, string>> = {
  javascript: 'javascript',
  jsx: 'javascript',
  typescript: 'typescript',
  tsx: 'tsx',
  python: 'python',
  java: 'java',
  go: 'go',
  c: 'c',
  cpp: 'cpp',
  rust: 'rust',
  csharp: 'c-sharp',
  php: 'php',
  ruby: 'ruby',
  kotlin: 'kotlin',
};

interface WasmFiles {
  readonly runtime: string;
  readonly fileOf: (grammar: string) => string;
}

/** Opens the grammars that belong to a bundle, or those in node_modules for code that runs from source. */
export async function openGrammars(entryUrl: string, clock: Clock): Promise<Grammars> {
  const files = findWasmFiles(entryUrl);
  await Parser.init({ locateFile: () => files.runtime });
  const parsers = new Map<string, Promise<Parser>>();
  const load = async (grammar: string): Promise<Parser> => {
    const language = await Language.load(files.fileOf(grammar));
    return new Parser().setLanguage(language);
  };
  return {
    async parse(language, text, limitMs) {
      const grammar = GRAMMAR_OF[language];
      let parser = parsers.get(grammar);
      if (parser === undefined) {
        parser = load(grammar);
        parsers.set(grammar, parser);
      }
      return parseWithin(await parser, text, clock, limitMs);
    },
  };
}

function parseWithin(parser: Parser, text: string, clock: Clock, limitMs: number): Tree {
  const end = clock.monotonic() + limitMs;
  const tree = parser.parse(text, null, { progressCallback: () => clock.monotonic() > end });
  if (tree !== null) return tree;
  // Without a reset the next parse would resume this one.
  parser.reset();
  throw new ConductorError('TIMEOUT', `parsing took longer than ${limitMs / 1_000} s`);
}

function findWasmFiles(entryUrl: string): WasmFiles {
  const bundled = join(dirname(fileURLToPath(entryUrl)), '..', '..', 'grammars');
  if (existsSync(join(bundled, 'web-tree-sitter.wasm'))) {
    return {
      fileOf: (grammar) => join(bundled, `tree-sitter-${grammar}.wasm`),
      runtime: join(bundled, 'web-tree-sitter.wasm'),
    };
  }
  const require = createRequire(entryUrl);
  return {
    fileOf: (grammar) => {
      // Two grammars come in packages of their own.
      if (grammar === 'c') return require.resolve('tree-sitter-c/tree-sitter-c.wasm');
      if (grammar === 'kotlin')
        return require.resolve('@tree-sitter-grammars/tree-sitter-kotlin/tree-sitter-kotlin.wasm');
      const folder = dirname(require.resolve('@vscode/tree-sitter-wasm/package.json'));
      return join(folder, 'wasm', `tree-sitter-${grammar}.wasm`);
    },
    runtime: require.resolve('web-tree-sitter/web-tree-sitter.wasm'),
  };
}
