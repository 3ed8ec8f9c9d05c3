/** The command line of a bundled server: `--root DIR` as often as needed, `--clones DIR`, `--cache DIR`, `--osv-url URL`. */
import { parseArgs } from 'node:util';
import { ConductorError, messageOf } from '../../base/errors.ts';

export interface ServerOptions {
  /** Folders the server may read, as given; a relative path in a call counts from the first. */
  readonly roots: readonly string[];
  /** Where repositories are cloned to; without it the server clones nothing. */
  readonly clones?: string | undefined;
  /** Where results, and answers of other servers, are remembered; without it nothing is. */
  readonly cache?: string | undefined;
  /** A mirror of OSV that is asked instead; a call cannot name one. @default OSV's own */
  readonly osvUrl?: string | undefined;
}

/** @throws ConductorError VALIDATION_FAILED naming the option that is not known. */
export function parseServerOptions(args: readonly string[]): ServerOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      strict: true,
      options: {
        root: { type: 'string', multiple: true },
        clones: { type: 'string' },
        cache: { type: 'string' },
        'osv-url': { type: 'string' },
      },
    });
    return { roots: values.root ?? [], clones: values.clones, cache: values.cache, osvUrl: values['osv-url'] };
  } catch (error) {
    throw new ConductorError(
      'VALIDATION_FAILED',
      `${messageOf(error)}; usage: [--root DIR]… [--clones DIR] [--cache DIR] [--osv-url URL]`,
      {
        cause: error,
      },
    );
  }
}
