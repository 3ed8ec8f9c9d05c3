/** One source file from disk to facts; what a worker does with each task. */
import type { Clock } from '../../base/clock.ts';
import { isConductorError, messageOf } from '../../base/errors.ts';
import { hideCredentials } from '../hide-credentials.ts';
import type { ParsedLanguage } from '../languages.ts';
import { countLines, readText, type Skipped } from '../read.ts';
import { redactSecrets } from '../security/secrets/redact.ts';
import { analyzeTree } from '../syntax/analyze-file.ts';
import type { FileFacts } from '../syntax/facts.ts';
import { dialectOf } from '../syntax/dialect.ts';
import { type Grammars, openGrammars } from '../syntax/parser.ts';
import { isGenerated } from './generated.ts';

export interface SourceTask {
  readonly absolute: string;
  readonly path: string;
  readonly language: ParsedLanguage;
}

export type SourceOutcome =
  | { readonly kind: 'facts'; readonly facts: FileFacts }
  | Skipped
  /** Nothing a person wrote: binary, minified or generated. */
  | { readonly kind: 'not-source' };

/** Milliseconds for parsing one file. */
const PARSE_LIMIT_MS = 10_000;

/** @param entryUrl the URL of the worker's own file, from which the grammars are found */
export function createSourceAnalyzer(entryUrl: string, clock: Clock): (task: SourceTask) => Promise<SourceOutcome> {
  let grammars: Promise<Grammars> | undefined;
  return async (task) => {
    const read = await readText(task.absolute);
    if (read.kind === 'skipped') return read;
    if (read.kind === 'binary' || isGenerated(task.path, read.text, countLines(read.text)))
      return { kind: 'not-source' };
    grammars ??= openGrammars(entryUrl, clock);
    try {
      const language = dialectOf(task.language, task.path, read.text);
      const tree = await (await grammars).parse(language, read.text, PARSE_LIMIT_MS);
      try {
        return { kind: 'facts', facts: withoutSecrets(analyzeTree(tree, read.text, language)) };
      } finally {
        tree.delete();
      }
    } catch (error) {
      if (!isConductorError(error)) throw error;
      return { kind: 'skipped', reason: `could not be analysed: ${messageOf(error)}` };
    }
  };
}

/** Facts are remembered and repeated in messages: what could be a secret in their texts is masked before they leave. */
function withoutSecrets(facts: FileFacts): FileFacts {
  return {
    ...facts,
    smells: facts.smells.map((smell) => ({ ...smell, text: redactSecrets(smell.text) })),
    imports: facts.imports.map((one) => ({ ...one, specifier: hideCredentials(one.specifier) })),
  };
}
