import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildComponents } from '../build/build.ts';
import type { Binaries } from '../build/build.ts';
import { controlPlaneComponents, workloadComponents } from '../components/components.ts';
import { chooseKubernetesVersion } from '../components/kubernetes-version.ts';
import type { KubernetesVersion } from '../components/kubernetes-version.ts';
import { freePorts } from '../process/ports.ts';
import { createSupervisor } from '../process/supervisor.ts';
import type { Supervisor } from '../process/supervisor.ts';
import { createApiClient } from './api-client.ts';
import type { ApiClient } from './api-client.ts';
import {
  apiServerArguments,
  auditPolicy,
  controllerManagerArguments,
  etcdArguments,
  kwokArguments,
  schedulerArguments,
  schedulerConfiguration,
} from './arguments.ts';
import type { Ports } from './arguments.ts';
import type { ControlPlane, ControlPlaneOptions } from './control-plane.ts';
import { PortTakenError } from './errors.ts';
import { compactEtcd } from './etcd.ts';
import { kubeconfig } from './kubeconfig.ts';
import { runKubectl } from './kubectl.ts';
import { createLayout } from './layout.ts';
import type { Layout } from './layout.ts';
import { createParts } from './parts.ts';
import type { Parts } from './parts.ts';
import { mintToken } from './service-accounts.ts';
import { waitFor } from './wait.ts';

const attempts = 3;

/**
 * Builds what is missing and starts a Kubernetes control plane on 127.0.0.1, ready for use: etcd, the API server with TLS and RBAC, and by
 * default the controllers, the scheduler and kwok. It ends with `stop()`, or with this process, however that ends.
 *
 * @throws ControlPlaneError when a component ends by itself; GoBuildError when one can't be built.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const version = options.version ?? chooseKubernetesVersion();
  const binaries = await buildComponents([...controlPlaneComponents, ...workloadComponents], { ...options, version });
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(version, binaries, options);
    } catch (error) {
      if (!(error instanceof PortTakenError) || attempt === attempts) throw error;
      options.onProgress?.('a port was taken meanwhile: once more with others');
    }
  }
}

async function startOnce(
  version: KubernetesVersion,
  binaries: Binaries,
  options: ControlPlaneOptions,
): Promise<ControlPlane> {
  const { controllers = true, kwok = controllers, signal } = options;
  const layout = await createLayout();
  const supervisor = createSupervisor();
  supervisor.removeAtEnd(layout.directory);
  try {
    const [etcdClient = 0, etcdPeer = 0, apiServer = 0] = await freePorts(3);
    if (options.audit !== undefined) await writeFile(layout.auditPolicy, auditPolicy(options.audit.group));
    const ports = { etcdClient, etcdPeer, apiServer };
    const parts = createParts(supervisor, layout);
    await parts.start('etcd', binaries.etcd, etcdArguments(layout, ports));
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
    await parts.whileAlive(async (over) => whenReady(api, signal ? AbortSignal.any([over, signal]) : over));
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
    return handle({ version, url, caPem, api, layout, ports, parts, supervisor, binaries, startApiServer });
  } catch (error) {
    await supervisor.close();
    await rm(layout.directory, { recursive: true, force: true });
    throw error;
  }
}

interface Running {
  readonly version: KubernetesVersion;
  readonly url: string;
  readonly caPem: string;
  readonly api: ApiClient;
  readonly layout: Layout;
  readonly ports: Ports;
  readonly parts: Parts;
  readonly supervisor: Supervisor;
  readonly binaries: Binaries;
  readonly startApiServer: () => Promise<unknown>;
}

function handle(running: Running): ControlPlane {
  const { version, url, caPem, api, layout, parts, supervisor, binaries } = running;
  const etcdUrl = `http://127.0.0.1:${running.ports.etcdClient}`;
  const stop = async () => {
    api.close();
    await supervisor.close();
  };
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
      await sleep(downMs);
      await running.startApiServer();
      await parts.whileAlive(async (over) => whenReady(api, over));
    },
    pauseEtcd: () => parts.get('etcd').kill('SIGSTOP'),
    resumeEtcd: () => parts.get('etcd').kill('SIGCONT'),
    compactEtcd: async () => compactEtcd(etcdUrl),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function servingCertificate(layout: Layout, signal: AbortSignal): Promise<string> {
  const look = async () => readFile(layout.servingCertificate, 'utf8').then((pem) => pem || undefined);
  return waitFor(look, { what: "the API server's certificate", signal });
}

async function whenReady(api: ApiClient, signal: AbortSignal): Promise<void> {
  const look = async () => {
    const response = await api.request('GET', '/readyz', { signal: AbortSignal.timeout(2000) });
    return response.status === 200 ? true : undefined;
  };
  await waitFor(look, { what: 'the API server to be ready', signal });
}

async function whenServiceAccountsAppear(api: ApiClient, signal: AbortSignal): Promise<void> {
  const look = async () => {
    const response = await api.request('GET', '/api/v1/namespaces/default/serviceaccounts/default');
    return response.status === 200 ? true : undefined;
  };
  await waitFor(look, { what: 'the default service account', signal });
}
