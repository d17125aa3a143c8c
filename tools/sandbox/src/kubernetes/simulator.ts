import { systemClock } from '@node-termination-handler/clock';
import type { Clock } from '@node-termination-handler/clock';
import { startLoopbackServer } from '../http/server.ts';
import type { KeyPair } from '../http/server.ts';
import { AccessRules, Tokens } from './access/access.ts';
import type { PolicyRule, TokenRequest } from './access/access.ts';
import {
  createAuthority,
  createServerCertificate,
  kubeconfigText,
  writeServiceAccountFiles,
} from './access/credentials.ts';
import { Kubelet } from './controllers/kubelet.ts';
import { NodeController } from './controllers/node-controller.ts';
import { WorkloadController } from './controllers/workload-controller.ts';
import { DisruptionController } from './eviction/disruption-controller.ts';
import { KubernetesFaults } from './faults.ts';
import type { KubernetesObject, KubernetesObjectInput } from './object/object.ts';
import type { PodBehaviour } from './object/pod.ts';
import { Registry } from './registry/registry.ts';
import { Seeder } from './seeder.ts';
import type { ObjectName, ObjectQuery } from './seeder.ts';
import { RequestHandler, RequestLog } from './server/handle.ts';
import type { RequestRecord } from './server/handle.ts';
import { Store } from './store/store.ts';
import type { Change } from './store/store.ts';
import { WatchHub } from './watch/hub.ts';

/** How a simulated Kubernetes API is set up; every field has a default. */
export interface KubernetesOptions {
  /** How many changes of a resource are remembered at least, for watches that go on from before; 10,000. */
  readonly historyLimit?: number;
  /** How often watches that want bookmarks get one, in milliseconds; 60,000. */
  readonly bookmarkIntervalMs?: number;
  /** How long a read waits for a revision that is not there yet before it answers 504, in milliseconds; 3,000. */
  readonly freshnessTimeoutMs?: number;
  /** How long a watch lasts whose client names no timeout, in milliseconds; 30 minutes. */
  readonly watchTimeoutMs?: number;
  /** When a pod is gone after it was told to end, in milliseconds, never later than its grace allows; 20. */
  readonly terminationMs?: number | 'hangs' | 'never';
  /** When a pod that was created through the API on a node runs, in milliseconds; 0. */
  readonly startupMs?: number | 'never';
  /** Keep the status of PodDisruptionBudgets up to date? True. While false a status stays as it was written. */
  readonly disruptionController?: boolean;
  /** Replace pods of ReplicaSets, StatefulSets and DaemonSets, and place pods on nodes? False. */
  readonly workloadController?: boolean;
  /** Taint nodes that are cordoned, as a control plane does a moment later? False. */
  readonly nodeController?: boolean;
  /** How many requests the log keeps; 100,000. */
  readonly requestLogLimit?: number;
  /** The seed of faults that strike by chance; 1. */
  readonly seed?: number;
  /** All time but that of the certificates; the machine's clock. */
  readonly clock?: Clock;
  /** Certificates that were made before, for many simulators one after the other; made at the start. */
  readonly certificates?: Certificates;
}

/** Who signs the certificate of a simulator, and that certificate. */
export interface Certificates {
  readonly authority: KeyPair;
  readonly server: KeyPair;
}

/** Makes certificates for simulators. */
export async function createCertificates(): Promise<Certificates> {
  const authority = await createAuthority();
  return { authority, server: await createServerCertificate(authority) };
}

const defaults: Required<Omit<KubernetesOptions, 'certificates'>> = {
  historyLimit: 10_000,
  bookmarkIntervalMs: 60_000,
  freshnessTimeoutMs: 3000,
  watchTimeoutMs: 30 * 60_000,
  terminationMs: 20,
  startupMs: 0,
  disruptionController: true,
  workloadController: false,
  nodeController: false,
  requestLogLimit: 100_000,
  seed: 1,
  clock: systemClock,
};

/** A Kubernetes API server on 127.0.0.1 with everything behind it that a drain meets, and knobs to make it fail. */
export interface KubernetesSimulator extends AsyncDisposable {
  /** `https://127.0.0.1:<port>`. */
  readonly url: string;
  /** The certificate of the authority that signs the server's certificates, as PEM. */
  readonly caPem: string;
  /** Makes a bearer token for a user. */
  issueToken(request: TokenRequest): string;
  /** Makes a token worthless; requests with it answer 401. */
  revokeToken(token: string): void;
  /** Says what a user may do; users without rules may do everything, undefined takes the rules away. */
  setRules(user: string, rules: readonly PolicyRule[] | undefined): void;
  /** The text of a kubeconfig with a token. */
  kubeconfig(token: string): string;
  /** Writes the files of a service account as a pod finds them; called again, it rotates them. */
  serviceAccountFiles(directory: string, token: string, namespace?: string): Promise<void>;
  /** How many TLS handshakes were completed. */
  readonly secureConnections: number;
  /** How many watches are open. */
  readonly openWatches: number;
  /** The revision of the last change. */
  readonly revision: number;
  /** The requests that came in, oldest first. */
  requests(): readonly RequestRecord[];
  /** Forgets the requests that came in. */
  clearRequests(): void;
  /** The requests that the simulator has no answer for, as `GET /path`, and how often they came. */
  unknownRoutes(): ReadonlyMap<string, number>;
  /** What can be made to go wrong. */
  readonly faults: KubernetesFaults;
  /** Puts an object into the store, new or instead of the one of that name, with its status, checked by nobody. */
  put(object: KubernetesObjectInput): KubernetesObject;
  /** An object of the store, if it is there. */
  get(name: ObjectName): KubernetesObject | undefined;
  /** Objects of the store, in the order of their names. */
  list(query: ObjectQuery): readonly KubernetesObject[];
  /** Takes an object out of the store at once, whatever its grace and finalizers. Was it there? */
  remove(name: ObjectName): boolean;
  /** Calls back at every change of the store until the returned function is called. */
  onChange(listener: (change: Change) => void): () => void;
  /** Says how a pod of this name starts and ends. */
  setPodBehaviour(namespace: string, name: string, behaviour: PodBehaviour): void;
  /** Switches the keeping up to date of budgets on or off. */
  setDisruptionController(enabled: boolean): void;
  /** Switches the replacement of pods on or off. */
  setWorkloadController(enabled: boolean): void;
  /** Sends bookmarks now to the watches that want them. */
  sendBookmarks(): void;
  /** Forgets the history up to now: lists and watches that go on from before answer 410. */
  compact(): void;
  /** Takes a new server certificate of the same authority for new connections. */
  rotateCertificate(): Promise<void>;
  /** Drops all connections and takes none until `resume`. */
  pause(): Promise<void>;
  /** Takes connections again, on the same port, with the same objects. */
  resume(): Promise<void>;
  /** Drops all connections and starts again on the same port with the same objects. */
  restart(): Promise<void>;
  /** Ends everything. */
  close(): Promise<void>;
}

/** Starts a simulated Kubernetes API server on a free port of 127.0.0.1. */
export async function startKubernetes(options: KubernetesOptions = {}): Promise<KubernetesSimulator> {
  const settings = { ...defaults, ...options };
  const { clock } = settings;
  const store = new Store(settings);
  const registry = new Registry(store, clock);
  const hub = new WatchHub(store, settings);
  const budgets = new DisruptionController(registry, { enabled: settings.disruptionController });
  const kubelet = new Kubelet(registry, { endsAfterMs: settings.terminationMs, startsAfterMs: settings.startupMs });
  const workloads = new WorkloadController(registry, { enabled: settings.workloadController });
  const nodes = settings.nodeController ? [new NodeController(registry)] : [];
  const tokens = new Tokens(clock);
  const rules = new AccessRules();
  const faults = new KubernetesFaults(store, hub, settings.seed);
  const log = new RequestLog(settings.requestLogLimit);
  const unknown = new Map<string, number>();
  const seeder = new Seeder(registry);
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) seeder.namespace(name);

  const handler = new RequestHandler({
    api: { registry, hub, budgets, ...settings },
    tokens,
    rules,
    faults,
    log,
    countUnknown: (method, path) => {
      const route = `${method} ${path}`;
      unknown.set(route, (unknown.get(route) ?? 0) + 1);
    },
  });
  const { authority, server: tls } = options.certificates ?? (await createCertificates());
  const server = await startLoopbackServer((...exchange) => handler.handle(...exchange), { tls });
  const { url } = server;
  let secureConnections = 0;
  server.server.on('secureConnection', () => secureConnections++);

  const close = async (): Promise<void> => {
    for (const part of [hub, budgets, kubelet, workloads, ...nodes]) part[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
  };

  return {
    url,
    caPem: authority.cert,
    issueToken: (request) => tokens.issue(request),
    revokeToken: (token) => tokens.revoke(token),
    setRules: (user, given) => rules.set(user, given),
    kubeconfig: (token) => kubeconfigText({ url, caPem: authority.cert, token }),
    serviceAccountFiles: (directory, token, namespace = 'kube-system') =>
      writeServiceAccountFiles(directory, { token, caPem: authority.cert, namespace }),
    get secureConnections() {
      return secureConnections;
    },
    get openWatches() {
      return hub.watchers.size;
    },
    get revision() {
      return store.revision;
    },
    requests: () => log.list(),
    clearRequests: () => log.clear(),
    unknownRoutes: () => unknown,
    faults,
    put: (object) => seeder.put(object),
    get: (name) => seeder.get(name),
    list: (query) => seeder.list(query),
    remove: (name) => seeder.remove(name),
    onChange: (listener) => store.onChange(listener),
    setPodBehaviour: (namespace, name, behaviour) => kubelet.setBehaviour(namespace, name, behaviour),
    setDisruptionController: (enabled) => budgets.setEnabled(enabled),
    setWorkloadController: (enabled) => workloads.setEnabled(enabled),
    sendBookmarks: () => hub.sendBookmarks(),
    compact: () => store.compact(),
    rotateCertificate: async () => {
      server.setCertificate(options.certificates?.server ?? (await createServerCertificate(authority)));
    },
    pause: server.pause,
    resume: server.resume,
    restart: async () => {
      await server.pause();
      await server.resume();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
