import { spawn } from 'node:child_process';

/** How a program ended. */
export interface RunResult {
  readonly code: number | null;
  readonly output: string;
}

/** How a program is run. */
export interface RunOptions {
  readonly cwd?: string;
  /** Default: this process' environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** Told everything that the program has written, whenever it has written more. */
  readonly onOutput?: (output: string, pid: number | undefined) => void;
}

/**
 * Runs a program to its end and keeps what it wrote, on both streams, in the order in which it came.
 *
 * @throws when the program cannot be started.
 */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { onOutput, ...rest } = options;
  const child = spawn(command, args, { ...rest, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      output += text;
      onOutput?.(output, child.pid);
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, output: output.trim() };
}
