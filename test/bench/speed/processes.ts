/** What a command and all the processes below it take: time, and memory as the system shares it out among them. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface CommandCost {
  readonly code: number | null;
  /** Milliseconds. */
  readonly wall: number;
  /** Highest sum over all processes, in MB (proportional set size: shared pages count once). */
  readonly megabytes: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Milliseconds between two looks at the memory. */
const EVERY_MS = 200;

export interface CommandOptions {
  /** Called with everything on stdout and stderr so far. */
  readonly onOutput?: ((text: string) => void) | undefined;
  readonly timeoutMs: number;
}

/** Runs a command to its end. @throws Error when it takes longer than it may */
export async function costOf(
  command: string,
  args: readonly string[],
  { onOutput, timeoutMs }: CommandOptions,
): Promise<CommandCost> {
  const begun = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs });
  const texts = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      texts[stream] += text;
      onOutput?.(texts[stream]);
    });
  }
  let kilobytes = 0;
  const sampling = setInterval(() => {
    kilobytes = Math.max(kilobytes, memoryBelow(child.pid ?? 0));
  }, EVERY_MS);
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('close', resolve).once('error', reject),
  ).finally(() => clearInterval(sampling));
  const wall = performance.now() - begun;
  if (code === null) throw new Error(`${command} ${args.join(' ')} did not end within ${timeoutMs / 1_000} s`);
  return { code, wall, megabytes: kilobytes / 1_024, ...texts };
}

/** Kilobytes of a process and all below it; a process that ends meanwhile counts for nothing. */
function memoryBelow(pid: number): number {
  const shared = /^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1];
  return childrenOf(pid).reduce((sum, child) => sum + memoryBelow(child), Number(shared ?? 0));
}

function childrenOf(pid: number): readonly number[] {
  return list(`/proc/${pid}/task`).flatMap((thread) =>
    read(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number),
  );
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
