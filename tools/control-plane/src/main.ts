// node -C @node-termination-handler/source tools/control-plane/src/main.ts up|build|kubectl …
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildComponents, cacheFolder } from './build.ts';
import { runKubectl } from './cluster/kubectl.ts';
import { startControlPlane } from './cluster/start.ts';
import { chooseKubernetesVersion, controlPlaneComponents } from './components.ts';

const usage = `Usage:
  up                start a control plane in the foreground; Ctrl-C ends it
  build             build its components into the cache
  kubectl ARGS...   run kubectl against the control plane that "up" started last
KUBERNETES_VERSION chooses the version: a minor, "newest" (default) or "oldest".`;

const currentKubeconfig = join(cacheFolder(), 'current.kubeconfig');
const say = (line: string) => console.error(line);

async function up(): Promise<number> {
  const ended = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => ended.abort());
  await using plane = await startControlPlane({ onProgress: say, signal: ended.signal });
  await writeFile(currentKubeconfig, await readFile(plane.adminKubeconfigFile), { mode: 0o600 });
  say(`export KUBECONFIG=${plane.adminKubeconfigFile}`);
  if (!ended.signal.aborted) await once(ended.signal, 'abort');
  await rm(currentKubeconfig, { force: true });
  return 0;
}

async function build(): Promise<number> {
  const version = chooseKubernetesVersion();
  const binaries = await buildComponents(controlPlaneComponents, { version, onProgress: say });
  for (const [name, path] of Object.entries(binaries)) console.log(`${name}\t${path}`);
  return 0;
}

async function kubectl(args: readonly string[]): Promise<number> {
  const binaries = await buildComponents(['kubectl'], { version: chooseKubernetesVersion(), onProgress: say });
  const result = await runKubectl(binaries.kubectl, currentKubeconfig, args);
  process.stdout.write(result.stdout);
  process.stderr.write(result.stderr);
  return result.code;
}

const [command, ...rest] = process.argv.slice(2);
if (command === 'up') process.exitCode = await up();
else if (command === 'build') process.exitCode = await build();
else if (command === 'kubectl') process.exitCode = await kubectl(rest);
else {
  say(usage);
  process.exitCode = command === '--help' ? 0 : 2;
}
