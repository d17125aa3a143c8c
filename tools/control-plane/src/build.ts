import { systemClock } from '@node-termination-handler/clock';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, constants, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { component, modulesFolder } from './components.ts';
import type { Component, ComponentName, KubernetesVersion } from './components.ts';
import { withLock } from './lock.ts';

/** The folder for what is built once per machine: `$XDG_CACHE_HOME/node-termination-handler`, else under `~/.cache`. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const base = env.XDG_CACHE_HOME;
  return join(base === undefined || base === '' ? join(homedir(), '.cache') : base, 'node-termination-handler');
}

/** Where a component's binary is kept: a change of its module, its flags or of Go makes another folder. */
export async function cachedBinary(
  component: Component,
  goVersion: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const folder = join(modulesFolder, component.module);
  const key = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) key.update(await readFile(join(folder, file)));
  const flags = [...component.linkerFlags, ...component.tags];
  key.update([goVersion, process.platform, process.arch, component.package, ...flags].join('\n'));
  return join(cacheFolder(env), `${component.name}-${key.digest('hex').slice(0, 16)}`, component.name);
}

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
async function goVersion(signal?: AbortSignal): Promise<string> {
  try {
    const { stdout } = await run('go', ['env', 'GOVERSION'], { signal });
    return stdout.trim();
  } catch (cause) {
    throw new GoBuildError('Go is needed to build the control plane: install it, or set KUBEBUILDER_ASSETS', { cause });
  }
}

/**
 * Builds one static binary at low priority, from the go.mod as it is (`-mod=readonly`).
 *
 * @throws {@link GoBuildError} with the end of the compiler's output.
 */
async function goBuild(component: Component, output: string, signal: AbortSignal | undefined): Promise<void> {
  const flags = [
    '-mod=readonly',
    '-trimpath',
    '-buildvcs=false',
    `-ldflags=${['-s', '-w', ...component.linkerFlags].join(' ')}`,
    `-tags=${component.tags.join(',')}`,
  ];
  try {
    await run('nice', ['-n', '10', 'go', 'build', ...flags, '-o', output, component.package], {
      cwd: join(modulesFolder, component.module),
      env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' },
      maxBuffer: 64 * 1024 * 1024,
      signal,
    });
  } catch (cause) {
    const words = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : String(cause);
    throw new GoBuildError(`go build ${component.package} failed:\n${words.trim().slice(-4000)}`, { cause });
  }
}

/** What {@link buildComponents} needs to know. */
interface BuildOptions {
  readonly version: KubernetesVersion;
  /** Told about each component that has to be built. Default: nobody is told. */
  readonly onProgress?: ((line: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Default: this process' environment (`KUBEBUILDER_ASSETS`, `XDG_CACHE_HOME`). */
  readonly env?: NodeJS.ProcessEnv;
}

/** The path of each component's binary. */
export type Binaries<Name extends ComponentName = ComponentName> = Readonly<Record<Name, string>>;

/**
 * Makes sure that the components' binaries are there and says where: first those in `KUBEBUILDER_ASSETS`, then those built before,
 * else built with Go, one after the other (the compiler uses all processors anyway). Several processes may ask at once.
 *
 * @throws GoBuildError where there is no Go, or a build fails.
 * @see https://book.kubebuilder.io/reference/envtest.html for `KUBEBUILDER_ASSETS`
 */
export async function buildComponents<Name extends ComponentName>(
  names: readonly Name[],
  options: BuildOptions,
): Promise<Binaries<Name>> {
  const found = new Map<Name, string>();
  for (const name of names) {
    const build = () => buildComponent(component(name, options.version), options);
    found.set(name, (await prebuilt(name, options.env)) ?? (await build()));
  }
  return Object.fromEntries(found) as Binaries<Name>;
}

async function prebuilt(name: ComponentName, env = process.env): Promise<string | undefined> {
  const folder = env.KUBEBUILDER_ASSETS;
  if (folder === undefined || folder === '') return undefined;
  const path = join(folder, name);
  return (await isExecutable(path)) ? path : undefined;
}

async function buildComponent(component: Component, options: BuildOptions): Promise<string> {
  const binary = await cachedBinary(component, await goVersion(options.signal), options.env);
  if (await isExecutable(binary)) return binary;
  await mkdir(dirname(binary), { recursive: true });
  const onWait = () => options.onProgress?.(`${component.name}: another process is building it`);
  await withLock(`${binary}.lock`, async () => buildOnce(component, binary, options), { ...options, onWait });
  return binary;
}

async function buildOnce(component: Component, binary: string, options: BuildOptions): Promise<void> {
  if (await isExecutable(binary)) return;
  const startedAtMs = systemClock.monotonic();
  options.onProgress?.(`${component.name}: building ${component.package} (${component.module})`);
  const draft = `${binary}.${process.pid}.draft`;
  try {
    await goBuild(component, draft, options.signal);
    await rename(draft, binary);
  } finally {
    await rm(draft, { force: true });
  }
  options.onProgress?.(`${component.name}: built in ${((systemClock.monotonic() - startedAtMs) / 1000).toFixed(0)} s`);
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
