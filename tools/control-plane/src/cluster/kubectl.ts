import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** How kubectl ended. */
export interface KubectlResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How {@link runKubectl} runs. */
export interface KubectlOptions {
  /** Given on standard input (`apply -f -`). */
  readonly input?: string;
  readonly signal?: AbortSignal | undefined;
}

/** Runs the real kubectl to its end. */
export async function runKubectl(
  binary: string,
  kubeconfigFile: string,
  args: readonly string[],
  options: KubectlOptions = {},
): Promise<KubectlResult> {
  const child = spawn(binary, [`--kubeconfig=${kubeconfigFile}`, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    signal: options.signal,
  });
  const { promise: code, resolve, reject } = Promise.withResolvers<number>();
  child.once('error', reject);
  child.once('close', (value) => resolve(value ?? -1));
  // kubectl may end before it has read its input.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, stdout, stderr };
}
