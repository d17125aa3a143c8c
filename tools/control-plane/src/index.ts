export { buildComponents } from './build/build.ts';
export type { Binaries, BuildOptions } from './build/build.ts';
export { cacheFolder } from './build/cache.ts';
export { GoBuildError } from './build/go.ts';
export { createApiClient } from './cluster/api-client.ts';
export type { ApiCallOptions, ApiClient, ApiClientOptions, ApiResponse, ApiWatch } from './cluster/api-client.ts';
export type { ControlPlane, ControlPlaneOptions, RestartOptions } from './cluster/control-plane.ts';
export { compactEtcd } from './cluster/etcd.ts';
export { ControlPlaneError } from './cluster/errors.ts';
export { kubeconfig } from './cluster/kubeconfig.ts';
export type { AuthProviderUser, KubeconfigUser } from './cluster/kubeconfig.ts';
export type { KubectlOptions, KubectlResult } from './cluster/kubectl.ts';
export type { MintedToken, TokenOptions } from './cluster/service-accounts.ts';
export { startControlPlane } from './cluster/start.ts';
export { waitFor, WaitTimeoutError } from './cluster/wait.ts';
export type { WaitOptions } from './cluster/wait.ts';
export type { ComponentName } from './components/components.ts';
export {
  chooseKubernetesVersion,
  supportedKubernetesVersions,
  UnknownKubernetesVersionError,
} from './components/kubernetes-version.ts';
export type { KubernetesVersion } from './components/kubernetes-version.ts';
export { freePorts } from './process/ports.ts';
export type { Exit, SupervisedProcess } from './process/supervised-process.ts';
export { createSupervisor, ProcessError } from './process/supervisor.ts';
export type { ProcessOptions, Supervisor } from './process/supervisor.ts';
