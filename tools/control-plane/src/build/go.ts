import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Go is missing, or it could not build a component. */
export class GoBuildError extends Error {
  override readonly name = 'GoBuildError';
}

/**
 * The version of the installed Go, such as `go1.26.8`.
 *
 * @throws {@link GoBuildError} where there is no Go.
 */
export async function goVersion(signal?: AbortSignal): Promise<string> {
  try {
    const { stdout } = await run('go', ['env', 'GOVERSION'], { signal });
    return stdout.trim();
  } catch (cause) {
    throw new GoBuildError('Go is needed to build the control plane: install it, or set KUBEBUILDER_ASSETS', { cause });
  }
}

/** What {@link goBuild} needs to know. */
export interface GoBuildOptions {
  /** Folder of the go.mod. */
  readonly module: string;
  /** Package to build. */
  readonly package: string;
  readonly linkerFlags: readonly string[];
  readonly tags: readonly string[];
  /** Where the binary goes. */
  readonly output: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Builds one static binary at low priority, from the go.mod as it is (`-mod=readonly`).
 *
 * @throws {@link GoBuildError} with the end of the compiler's output.
 */
export async function goBuild(options: GoBuildOptions): Promise<void> {
  const linkerFlags = ['-s', '-w', ...options.linkerFlags].join(' ');
  const arguments_ = [
    'build',
    '-mod=readonly',
    '-trimpath',
    '-buildvcs=false',
    `-ldflags=${linkerFlags}`,
    `-tags=${options.tags.join(',')}`,
  ];
  try {
    await run('nice', ['-n', '10', 'go', ...arguments_, '-o', options.output, options.package], {
      cwd: options.module,
      env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' },
      maxBuffer: 64 * 1024 * 1024,
      signal: options.signal,
    });
  } catch (cause) {
    const output = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : String(cause);
    throw new GoBuildError(`go build ${options.package} failed:\n${output.trim().slice(-4000)}`, { cause });
  }
}
