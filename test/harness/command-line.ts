/** Runs the built command line as a person would, with a state folder of its own. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { root } from './paths.ts';

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandLineOptions {
  /** @default the folder itself */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Lets permissions of files hold for root as they do for everybody else. */
  readonly ordinaryPermissions?: boolean;
  /** Milliseconds after which the process gets SIGINT, as from Ctrl-C. */
  readonly interruptAfterMs?: number;
}

export class CommandLine {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** A fresh folder with room for state, configuration and whatever a test writes. */
  static async open(): Promise<CommandLine> {
    return new CommandLine(await mkdtemp(join(tmpdir(), 'conductor-cli-')));
  }

  run(args: readonly string[], options: CommandLineOptions = {}): Promise<Outcome> {
    const [command = '', ...rest] = this.#command(args, options);
    const child = spawn(command, rest, {
      cwd: options.cwd ?? this.folder,
      env: { ...process.env, XDG_CONFIG_HOME: join(this.folder, 'config'), ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const chunks = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      chunks.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      chunks.stderr += text;
    });
    const timer =
      options.interruptAfterMs === undefined
        ? undefined
        : setTimeout(() => child.kill('SIGINT'), options.interruptAfterMs);
    return new Promise((done, fail) => {
      child.on('error', fail);
      child.on('close', (code) => {
        clearTimeout(timer);
        done({ code, ...chunks });
      });
    });
  }

  #command(args: readonly string[], { ordinaryPermissions }: CommandLineOptions): readonly string[] {
    const dropsRights = ordinaryPermissions === true && process.getuid?.() === 0;
    const limited = dropsRights ? ['setpriv', '--bounding-set', '-dac_override,-dac_read_search'] : [];
    return [...limited, process.execPath, resolve(root, 'dist/cli.js'), ...args, '--state', join(this.folder, 'state')];
  }

  async dispose(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
