import { linkSignals, sleep, systemClock, withTimeLimit } from '@node-termination-handler/clock';
import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createApiClient } from '../api-client.ts';
import type { ApiClient } from '../api-client.ts';
import { buildComponents } from '../build.ts';
import type { Binaries } from '../build.ts';
import { chooseKubernetesVersion, controlPlaneComponents } from '../components.ts';
import type { KubernetesVersion } from '../components.ts';
import { freePorts } from '../ports.ts';
import { createSupervisor } from '../supervisor.ts';
import { waitFor } from '../wait.ts';
import {
  apiServerArguments,
  auditPolicy,
  controllerManagerArguments,
  etcdArguments,
  kwokArguments,
  schedulerArguments,
  schedulerConfiguration,
} from './arguments.ts';
import type { ControlPlane, ControlPlaneOptions } from './control-plane.ts';
import { kubeconfig, mintToken } from './credentials.ts';
import { compactEtcd } from './etcd.ts';
import { runKubectl } from './kubectl.ts';
import { createLayout } from './layout.ts';
import type { Layout } from './layout.ts';
import { createParts, PortTakenError } from './parts.ts';

type PlaneBinaries = Binaries<(typeof controlPlaneComponents)[number]>;

const attempts = 3;

/**
 * Builds what is missing and starts a Kubernetes control plane on 127.0.0.1, ready for use: etcd, the API server with TLS and RBAC, and by
 * default the controllers, the scheduler and kwok. It ends with `stop()`, or with this process, however that ends.
 *
 * @throws ControlPlaneError when a component ends by itself; GoBuildError when one can't be built.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const version = options.version ?? chooseKubernetesVersion();
  const binaries = await buildComponents(controlPlaneComponents, { ...options, version });
  for (let attempt = 1; ; attempt++) {
    try {
      return handle(version, binaries, await startParts(version, binaries, options));
    } catch (error) {
      if (!(error instanceof PortTakenError) || attempt === attempts) throw error;
      options.onProgress?.('a port was taken meanwhile: once more with others');
    }
  }
}

/** Starts every part of a control plane that is asked for, and waits until it is ready. */
async function startParts(version: KubernetesVersion, binaries: PlaneBinaries, options: ControlPlaneOptions) {
  const { controllers = true, kwok = controllers, signal } = options;
  const layout = await createLayout();
  const supervisor = createSupervisor();
  supervisor.removeAtEnd(layout.directory);
  try {
    const [etcdClient = 0, etcdPeer = 0, apiServer = 0] = await freePorts(3);
    if (options.audit !== undefined) await writeFile(layout.auditPolicy, auditPolicy(options.audit.group));
    const ports = { etcdClient, etcdPeer, apiServer };
    const parts = createParts(supervisor, layout);
    const startEtcd = async () => parts.start('etcd', binaries.etcd, etcdArguments(layout, ports));
    await startEtcd();
    const startApiServer = async () =>
      parts.start(
        'kube-apiserver',
        binaries['kube-apiserver'],
        apiServerArguments(layout, ports, { controllers, audited: options.audit !== undefined }),
      );
    await startApiServer();
    const url = `https://127.0.0.1:${apiServer}`;
    const caPem = await parts.whileAlive(async (over) => servingCertificate(layout, over));
    const api = createApiClient({ url, caPem, token: layout.adminToken });
    await writeFile(layout.adminKubeconfig, kubeconfig({ url, caPem }, { token: layout.adminToken }), { mode: 0o600 });
    await parts.whileAlive(async (over) => {
      using either = linkSignals([over, signal]);
      await whenReady(api, either.signal);
    });
    if (controllers) {
      await writeFile(layout.schedulerConfiguration, schedulerConfiguration(layout));
      await parts.start(
        'kube-controller-manager',
        binaries['kube-controller-manager'],
        controllerManagerArguments(layout),
      );
      await parts.start('kube-scheduler', binaries['kube-scheduler'], schedulerArguments(layout));
    }
    if (kwok) await parts.start('kwok', binaries.kwok, kwokArguments(layout));
    if (controllers) await parts.whileAlive(async (over) => whenServiceAccountsAppear(api, over));
    options.onProgress?.(`Kubernetes ${version.patch} is up on ${url}`);
    const etcdUrl = `http://127.0.0.1:${etcdClient}`;
    return { url, caPem, api, layout, etcdUrl, parts, supervisor, startEtcd, startApiServer };
  } catch (error) {
    await supervisor.close();
    await rm(layout.directory, { recursive: true, force: true });
    throw error;
  }
}

function handle(
  version: KubernetesVersion,
  binaries: PlaneBinaries,
  {
    url,
    caPem,
    api,
    layout,
    etcdUrl,
    parts,
    supervisor,
    startEtcd,
    startApiServer,
  }: Awaited<ReturnType<typeof startParts>>,
): ControlPlane {
  const stop = async () => {
    api.close();
    await supervisor.close();
  };
  let copies = 0;
  return {
    version,
    url,
    caPem,
    api,
    supervisor,
    etcdUrl,
    directory: layout.directory,
    auditLog: layout.auditLog,
    adminToken: layout.adminToken,
    adminKubeconfigFile: layout.adminKubeconfig,
    kubectl: async (args, options) => runKubectl(binaries.kubectl, layout.adminKubeconfig, args, options),
    kubeconfig: (user, namespace) => kubeconfig({ url, caPem }, user, namespace),
    mintToken: async (options) => mintToken(api, options),
    async restartApiServer({ signal = 'SIGTERM', downMs = 0 } = {}) {
      const part = parts.get('kube-apiserver');
      if (signal === 'SIGKILL') part.kill(signal);
      await part.stop();
      await sleep(systemClock, downMs);
      await startApiServer();
      await parts.whileAlive(async (over) => whenReady(api, over));
    },
    pauseEtcd: () => parts.get('etcd').kill('SIGSTOP'),
    resumeEtcd: () => parts.get('etcd').kill('SIGCONT'),
    compactEtcd: async () => compactEtcd(etcdUrl),
    async keepState() {
      const kept = `${layout.etcdData}-kept-${++copies}`;
      // It stands still meanwhile, so that the copy is what a crash would leave.
      parts.get('etcd').kill('SIGSTOP');
      try {
        await cp(layout.etcdData, kept, { recursive: true });
      } finally {
        parts.get('etcd').kill('SIGCONT');
      }
      return async () => {
        parts.get('kube-apiserver').kill('SIGKILL');
        await parts.get('kube-apiserver').stop();
        await parts.get('etcd').stop();
        await rm(layout.etcdData, { recursive: true });
        await rename(kept, layout.etcdData);
        await startEtcd();
        await startApiServer();
        await parts.whileAlive(async (over) => whenReady(api, over));
      };
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function servingCertificate(layout: Layout, signal: AbortSignal): Promise<string> {
  const look = async () => readFile(layout.servingCertificate, 'utf8').then((pem) => pem || undefined);
  return waitFor(look, { what: "the API server's certificate", signal });
}

async function whenReady(api: ApiClient, signal: AbortSignal): Promise<void> {
  const limit = { clock: systemClock, limitMs: 2000 };
  const look = () => withTimeLimit(limit, (soon) => isFound(api, '/readyz', soon));
  await waitFor(look, { what: 'the API server to be ready', signal });
}

async function whenServiceAccountsAppear(api: ApiClient, signal: AbortSignal): Promise<void> {
  const look = () => isFound(api, '/api/v1/namespaces/default/serviceaccounts/default', signal);
  await waitFor(look, { what: 'the default service account', signal });
}

async function isFound(api: ApiClient, path: string, signal: AbortSignal): Promise<true | undefined> {
  const response = await api.request('GET', path, { signal });
  return response.status === 200 ? true : undefined;
}
