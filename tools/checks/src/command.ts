import { spawn } from 'node:child_process';

/** How a program ended, and what it wrote. */
export interface CommandResult {
  /** `null` when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, in the order in which they came, without blanks around them. */
  readonly output: string;
}

/** How a program is run. */
export interface CommandOptions {
  readonly cwd?: string;
  /** Its whole environment. Default: this process' own. */
  readonly env?: NodeJS.ProcessEnv;
  /** What it reads. Default: nothing. */
  readonly input?: string;
  /** Told whenever it has written more: that text, and all that it has written so far. */
  readonly onOutput?: (text: string, soFar: { readonly output: string; readonly pid: number | undefined }) => void;
}

/** A program could not be started, or did not end with 0. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/**
 * Runs a program to its end.
 *
 * @throws {@link CommandError} when it cannot be started.
 */
export async function run(
  command: string,
  args: readonly string[],
  { input = '', onOutput, ...options }: CommandOptions = {},
): Promise<CommandResult> {
  const child = spawn(command, args, { ...options, stdio: 'pipe' });
  const written = { stdout: '', stderr: '', output: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      written[stream] += text;
      written.output += text;
      onOutput?.(text, { output: written.output, pid: child.pid });
    });
  }
  // A program that ends without reading closes the pipe under the writer.
  child.stdin.on('error', () => undefined).end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause) => reject(new CommandError(`${command} cannot be started`, { cause })));
    child.once('close', resolve);
  });
  return { code, ...written, output: written.output.trim() };
}

/**
 * Runs a program that has to end with 0, and answers with what it wrote on its standard output.
 *
 * @throws {@link CommandError} with the command and all that it wrote.
 */
export async function mustRun(command: string, args: readonly string[], options?: CommandOptions): Promise<string> {
  const { code, stdout, output } = await run(command, args, options);
  if (code !== 0) throw new CommandError(`${[command, ...args].join(' ')} ended with ${code}\n${output}`.trim());
  return stdout;
}
