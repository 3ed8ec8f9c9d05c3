/** A canary: a small project in a temporary folder under the real configuration, which a guard must reject. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT } from './tree.ts';

export interface CanaryProject {
  /** Absolute path. */
  readonly folder: string;
  write(path: string, text: string): void;
  dispose(): void;
}

export interface CanaryOptions {
  /** A folder of test/fixtures/canaries to start from. @default an empty project */
  readonly from?: string;
  /** Files of this project that the canary is judged by. */
  readonly configuration: readonly string[];
}

export function canaryProject({ from, configuration }: CanaryOptions): CanaryProject {
  const folder = mkdtempSync(join(tmpdir(), 'canary-'));
  if (from !== undefined) cpSync(join(ROOT, 'test/fixtures/canaries', from), folder, { recursive: true });
  for (const file of configuration) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(ROOT, file), join(folder, file));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'dir');
  return {
    folder,
    write(path, text) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** This project seen through links, with nothing built: what is built there never touches the real `dist/`. */
export function unbuiltTwin(): CanaryProject {
  const twin = canaryProject({ configuration: ['package.json', '.size-limit.json'] });
  for (const name of ['src', 'test', 'media', 'tsconfig.json']) symlinkSync(join(ROOT, name), join(twin.folder, name));
  return twin;
}
