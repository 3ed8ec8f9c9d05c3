/** Loads what knows `config.yaml` when the first such file is looked at, so that activation pays for none of it. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { complete, diagnose, firstText, hoverAt, userConfigFile } from '../../app/config/language.ts';

/** What `dist/config.cjs` exports. */
export interface ConfigLanguage {
  readonly complete: typeof complete;
  readonly diagnose: typeof diagnose;
  readonly firstText: typeof firstText;
  readonly hoverAt: typeof hoverAt;
  readonly userConfigFile: typeof userConfigFile;
}

/** @param dist Absolute path of the folder that holds the bundles. */
export function configLanguage(dist: string): () => ConfigLanguage {
  let loaded: ConfigLanguage | undefined;
  return () => {
    loaded ??= createRequire(join(dist, 'extension.cjs'))('./config.cjs') as ConfigLanguage;
    return loaded;
  };
}
