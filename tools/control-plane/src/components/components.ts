import { kubernetesModule } from './kubernetes-version.ts';
import type { KubernetesVersion } from './kubernetes-version.ts';

/** A program that is built from a pinned Go module. */
export type ComponentName =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kubectl'
  | 'kwok'
  | 'ec2-metadata-mock'
  | 'promtool'
  | 'helm'
  | 'kubeconform'
  | 'actionlint';

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

/** The programs without which there is no control plane. */
export const controlPlaneComponents: readonly ComponentName[] = ['etcd', 'kube-apiserver', 'kubectl'];

/** What makes workloads live: controllers, the scheduler, and kwok, which plays the kubelets. */
export const workloadComponents: readonly ComponentName[] = ['kube-controller-manager', 'kube-scheduler', 'kwok'];

/** Looks up how a component is built for a Kubernetes version. */
export function component(name: ComponentName, version: KubernetesVersion): Component {
  switch (name) {
    case 'etcd':
      return { name, module: 'etcd', package: 'go.etcd.io/etcd/server/v3', linkerFlags: [], tags: [] };
    case 'kwok':
      return { name, module: 'kwok', package: 'sigs.k8s.io/kwok/cmd/kwok', linkerFlags: [], tags: [] };
    case 'ec2-metadata-mock': {
      const path = 'github.com/aws/amazon-ec2-metadata-mock/cmd/ec2-metadata-mock';
      return { name, module: 'metadata-mock', package: path, linkerFlags: [], tags: [] };
    }
    case 'promtool': {
      const path = 'github.com/prometheus/prometheus/cmd/promtool';
      // Without the clients of every cloud's service discovery.
      return { name, module: 'promtool', package: path, linkerFlags: [], tags: ['remove_all_sd'] };
    }
    case 'helm':
      return { name, module: 'helm', package: 'helm.sh/helm/v4/cmd/helm', linkerFlags: [], tags: [] };
    case 'kubeconform': {
      const path = 'github.com/yannh/kubeconform/cmd/kubeconform';
      return { name, module: 'kubeconform', package: path, linkerFlags: [], tags: [] };
    }
    case 'actionlint': {
      const path = 'github.com/rhysd/actionlint/cmd/actionlint';
      return { name, module: 'actionlint', package: path, linkerFlags: [], tags: [] };
    }
    case 'kube-apiserver':
    case 'kube-controller-manager':
    case 'kube-scheduler':
    case 'kubectl':
      return {
        name,
        module: kubernetesModule(version),
        package: `k8s.io/kubernetes/cmd/${name}`,
        // A module build has no git to ask, and says v0.0.0-master where clients look for the version.
        linkerFlags: ['-X', `k8s.io/component-base/version.gitVersion=v${version.patch}`],
        tags: [],
      };
  }
}
