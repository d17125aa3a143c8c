import { access, constants, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { component } from '../components/components.ts';
import type { Component, ComponentName } from '../components/components.ts';
import { modulesFolder } from '../components/modules-folder.ts';
import type { KubernetesVersion } from '../components/kubernetes-version.ts';
import { cachedBinary } from './cache.ts';
import { goBuild, goVersion } from './go.ts';
import { withLock } from './lock.ts';

/** What {@link buildComponents} needs to know. */
export interface BuildOptions {
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
    const path =
      (await prebuilt(name, options.env)) ?? (await buildComponent(component(name, options.version), options));
    found.set(name, path);
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
  const startedAt = performance.now();
  options.onProgress?.(`${component.name}: building ${component.package} (${component.module})`);
  const draft = `${binary}.${process.pid}.draft`;
  try {
    const module = join(modulesFolder, component.module);
    await goBuild({ ...component, module, output: draft, signal: options.signal });
    await rename(draft, binary);
  } finally {
    await rm(draft, { force: true });
  }
  options.onProgress?.(`${component.name}: built in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
