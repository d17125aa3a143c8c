import type { ApiClient } from '../api-client.ts';
import type { KubernetesVersion } from '../components.ts';
import type { Supervisor } from '../supervisor.ts';
import type { KubeconfigUser, MintedToken, TokenOptions } from './credentials.ts';
import type { KubectlOptions, KubectlResult } from './kubectl.ts';

/** What to start. */
export interface ControlPlaneOptions {
  /** Default: see `chooseKubernetesVersion`. */
  readonly version?: KubernetesVersion;
  /** The controller manager and the scheduler too. Default true. */
  readonly controllers?: boolean;
  /** kwok, which plays the kubelets. Default: as `controllers`. */
  readonly kwok?: boolean;
  /** Record every request of the members of a group. Default: no record. */
  readonly audit?: { readonly group: string };
  /** Told what is being built and started. Default: nobody is told. */
  readonly onProgress?: (line: string) => void;
  /** Ends the start, not the running control plane. */
  readonly signal?: AbortSignal;
}

/** A running control plane. */
export interface ControlPlane extends AsyncDisposable {
  readonly version: KubernetesVersion;
  /** `https://127.0.0.1:<port>`; the same after a restart. */
  readonly url: string;
  /** etcd's client address, without TLS. */
  readonly etcdUrl: string;
  /** What to trust. */
  readonly caPem: string;
  /** Everything it writes is in here, logs as `<component>.log`; removed at the end. */
  readonly directory: string;
  /** The record of requests, if one was asked for: a JSON object (audit.k8s.io/v1 Event) per line. */
  readonly auditLog: string;
  /** Belongs to `system:masters`. */
  readonly adminToken: string;
  readonly adminKubeconfigFile: string;
  /** Speaks as the administrator. */
  readonly api: ApiClient;
  /** Starts other programs that must end with this control plane. */
  readonly supervisor: Supervisor;
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<KubectlResult>;
  /** The text of a kubeconfig for this server. */
  kubeconfig(user: KubeconfigUser, namespace?: string): string;
  mintToken(options: TokenOptions): Promise<MintedToken>;
  /** Ends the API server and starts it again on the same port and data. */
  restartApiServer(options?: RestartOptions): Promise<void>;
  /** Stalls etcd: the API server's reads and writes hang. */
  pauseEtcd(): void;
  resumeEtcd(): void;
  /** Forgets all history, so that old resource versions are gone (410). */
  compactEtcd(): Promise<void>;
  /**
   * Keeps a copy of the whole state. The answer brings it back, once, as a restored backup does: etcd and the API server start on it, and
   * resource versions are again what they were.
   */
  keepState(): Promise<() => Promise<void>>;
  /** Ends everything and removes its directory. */
  stop(): Promise<void>;
}

/** How the API server is restarted. */
interface RestartOptions {
  /** How it ends: orderly (`SIGTERM`, default) or at once (`SIGKILL`). */
  readonly signal?: 'SIGTERM' | 'SIGKILL';
  /** How long it stays away, in milliseconds. Default 0. */
  readonly downMs?: number;
}
