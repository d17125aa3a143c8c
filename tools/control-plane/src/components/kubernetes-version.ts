import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { modulesFolder } from './modules-folder.ts';

/** A Kubernetes minor version that has a pinned Go module under `go/`. */
export interface KubernetesVersion {
  /** `1.36` */
  readonly minor: string;
  /** `1.36.3`, as the module pins it. */
  readonly patch: string;
}

/** No pinned module exists for the version that was asked for. */
export class UnknownKubernetesVersionError extends Error {
  override readonly name = 'UnknownKubernetesVersionError';
}

const folderPrefix = 'kubernetes-';

/** Every Kubernetes version that can be built, oldest first. */
export function supportedKubernetesVersions(): readonly KubernetesVersion[] {
  return readdirSync(modulesFolder)
    .filter((name) => name.startsWith(folderPrefix))
    .map((name) => ({ minor: name.slice(folderPrefix.length), patch: pinnedPatch(name) }))
    .sort((one, other) => minorNumber(one) - minorNumber(other));
}

/**
 * Picks the version to run: a minor (`1.36`), a patch that is pinned (`1.36.3`, `v1.36.3`), `newest` or `oldest`.
 * Default: the environment's `KUBERNETES_VERSION`, else `newest`.
 *
 * @throws {@link UnknownKubernetesVersionError} naming the versions that are there.
 */
export function chooseKubernetesVersion(asked = process.env.KUBERNETES_VERSION ?? 'newest'): KubernetesVersion {
  const all = supportedKubernetesVersions();
  const wanted = asked.trim().replace(/^v/, '');
  const chosen =
    wanted === 'newest' || wanted === ''
      ? all.at(-1)
      : wanted === 'oldest'
        ? all.at(0)
        : all.find((version) => version.minor === wanted || version.patch === wanted);
  if (chosen !== undefined) return chosen;
  const known = all.map((version) => `${version.minor} (${version.patch})`).join(', ');
  throw new UnknownKubernetesVersionError(
    `KUBERNETES_VERSION=${JSON.stringify(asked)} is not pinned here. There are: ${known}, and "newest", "oldest".`,
  );
}

/** The folder of the Go module that pins a version's components. */
export function kubernetesModule(version: KubernetesVersion): string {
  return `${folderPrefix}${version.minor}`;
}

function pinnedPatch(folder: string): string {
  const file = join(modulesFolder, folder, 'go.mod');
  const patch = /^(?:require )?\s*k8s\.io\/kubernetes v(\S+)/m.exec(readFileSync(file, 'utf8'))?.[1];
  if (patch === undefined) throw new UnknownKubernetesVersionError(`${file} does not require k8s.io/kubernetes`);
  return patch;
}

function minorNumber(version: KubernetesVersion): number {
  return Number(version.minor.split('.')[1]);
}
