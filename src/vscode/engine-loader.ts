/** Loads the engine's bundle on first need, so that activation pays for none of it. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { createNodeApp } from '../app/create-node-app.ts';

/** What `dist/engine.cjs` exports. */
export interface EngineModule {
  readonly createNodeApp: typeof createNodeApp;
}

/** @param dist Absolute path of the folder that holds the bundles. */
export function loadEngine(dist: string): EngineModule {
  return createRequire(join(dist, 'extension.cjs'))('./engine.cjs') as EngineModule;
}
