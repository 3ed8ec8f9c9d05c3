/** Runs a development tool on this very Node, as a person would on the command line, and hands back what it said. */
import { execFile } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './tree.ts';

export interface ToolResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Milliseconds after which a tool is taken for stuck. */
export const TOOL_LIMIT_MS = 120_000;

/** @param name a command of node_modules/.bin, or the path of a script inside the project */
export function runTool(name: string, args: readonly string[], cwd: string = ROOT): Promise<ToolResult> {
  const script = name.endsWith('.js') ? join(ROOT, name) : realpathSync(join(ROOT, 'node_modules/.bin', name));
  return new Promise((resolve, reject) => {
    const options = {
      cwd,
      maxBuffer: 256 * 1024 * 1024,
      timeout: TOOL_LIMIT_MS,
      env: { ...process.env, NO_COLOR: '1' },
    };
    execFile(process.execPath, [script, ...args], options, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') {
        reject(new Error(`${name} ${args.join(' ')} did not end by itself: ${error.message}\n${stderr}`));
        return;
      }
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

/** What a tool printed as JSON; whatever else it printed instead becomes the error. */
export function jsonOf<T>(name: string, result: ToolResult): T {
  try {
    return JSON.parse(result.stdout) as T;
  } catch (cause) {
    const said = `${result.stdout.slice(0, 2000)}\n${result.stderr.slice(0, 2000)}`;
    throw new Error(`${name} (exit code ${result.code}) printed no JSON:\n${said}`, { cause });
  }
}
