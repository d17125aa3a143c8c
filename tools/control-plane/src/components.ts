import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the pinned Go modules lie: one folder per module, each with its go.mod and go.sum. */
export const modulesFolder: string = fileURLToPath(new URL('../go/', import.meta.url));

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

function pinnedPatch(folder: string): string {
  const file = join(modulesFolder, folder, 'go.mod');
  const patch = /^(?:require )?\s*k8s\.io\/kubernetes v(\S+)/m.exec(readFileSync(file, 'utf8'))?.[1];
  if (patch === undefined) throw new UnknownKubernetesVersionError(`${file} does not require k8s.io/kubernetes`);
  return patch;
}

function minorNumber(version: KubernetesVersion): number {
  return Number(version.minor.split('.')[1]);
}

/** How one program is built. */
export interface Component {
  readonly name: ComponentName;
  /** Folder under `go/` whose go.mod pins it. */
  readonly module: string;
  /** The Go package with its `main`. */
  readonly package: string;
  /** What the linker is told, beside leaving out debug information. */
  readonly linkerFlags: readonly string[];
  /** Build tags. */
  readonly tags: readonly string[];
}

/** The programs that have a pinned Go module of their own, each with the package of its `main`. */
const programs = {
  etcd: { module: 'etcd', package: 'go.etcd.io/etcd/server/v3', tags: [] },
  kwok: { module: 'kwok', package: 'sigs.k8s.io/kwok/cmd/kwok', tags: [] },
  'ec2-metadata-mock': {
    module: 'metadata-mock',
    package: 'github.com/aws/amazon-ec2-metadata-mock/cmd/ec2-metadata-mock',
    tags: [],
  },
  // Without the clients of every cloud's service discovery.
  promtool: { module: 'promtool', package: 'github.com/prometheus/prometheus/cmd/promtool', tags: ['remove_all_sd'] },
  helm: { module: 'helm', package: 'helm.sh/helm/v4/cmd/helm', tags: [] },
  'helm-3': { module: 'helm-3', package: 'helm.sh/helm/v3/cmd/helm', tags: [] },
  kubeconform: { module: 'kubeconform', package: 'github.com/yannh/kubeconform/cmd/kubeconform', tags: [] },
  actionlint: { module: 'actionlint', package: 'github.com/rhysd/actionlint/cmd/actionlint', tags: [] },
} as const;

/** A program that is built from a pinned Go module. */
export type ComponentName =
  | keyof typeof programs
  // All from the one module of their Kubernetes version.
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kubectl';

/** What a control plane needs, and what makes workloads live: controllers, the scheduler, and kwok, which plays the kubelets. */
export const controlPlaneComponents = [
  'etcd',
  'kube-apiserver',
  'kubectl',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
] as const;

/** Looks up how a component is built for a Kubernetes version. */
export function component(name: ComponentName, version: KubernetesVersion): Component {
  switch (name) {
    case 'kube-apiserver':
    case 'kube-controller-manager':
    case 'kube-scheduler':
    case 'kubectl': {
      // A module build has no git to ask, and says v0.0.0-master where clients look for the version.
      const linkerFlags = ['-X', `k8s.io/component-base/version.gitVersion=v${version.patch}`];
      const module = `${folderPrefix}${version.minor}`;
      return { name, module, package: `k8s.io/kubernetes/cmd/${name}`, linkerFlags, tags: [] };
    }
    default:
      return { name, linkerFlags: [], ...programs[name] };
  }
}
