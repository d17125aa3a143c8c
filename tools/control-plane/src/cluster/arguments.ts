import { fileURLToPath } from 'node:url';
import type { Layout } from './layout.ts';

/** The ports of one control plane, all on 127.0.0.1. */
export interface Ports {
  readonly etcdClient: number;
  readonly etcdPeer: number;
  readonly apiServer: number;
}

const stages = fileURLToPath(new URL('../../kwok/stages.yaml', import.meta.url));

/** A throw-away etcd: it never waits for the disk. */
export function etcdArguments(layout: Layout, ports: Ports): readonly string[] {
  const client = `http://127.0.0.1:${ports.etcdClient}`;
  const peer = `http://127.0.0.1:${ports.etcdPeer}`;
  return [
    '--name=default',
    `--data-dir=${layout.etcdData}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

/** TLS with a self-made certificate, tokens, RBAC, and kubelets that may touch their own nodes alone, as in every managed cluster. */
export function apiServerArguments(
  layout: Layout,
  ports: Ports,
  options: { readonly controllers: boolean; readonly audited: boolean },
): readonly string[] {
  // Without controllers nobody makes default service accounts, or takes the not-ready taint off a new node.
  const withoutControllers = ['--disable-admission-plugins=ServiceAccount,TaintNodesByCondition'];
  return [
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${ports.apiServer}`,
    `--cert-dir=${layout.certificates}`,
    `--etcd-servers=http://127.0.0.1:${ports.etcdClient}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    `--token-auth-file=${layout.tokens}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${layout.serviceAccountPublicKey}`,
    `--service-account-signing-key-file=${layout.serviceAccountKey}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    // A loopback address may not be an endpoint of the "kubernetes" service, and nobody here needs that service.
    '--endpoint-reconciler-type=none',
    '--allow-privileged=true',
    '--profiling=false',
    '--v=1',
    ...(options.controllers ? [] : withoutControllers),
    ...(options.audited ? [`--audit-policy-file=${layout.auditPolicy}`, `--audit-log-path=${layout.auditLog}`] : []),
  ];
}

/** All controllers, fast enough for tests. */
export function controllerManagerArguments(layout: Layout): readonly string[] {
  return [
    `--kubeconfig=${layout.adminKubeconfig}`,
    '--leader-elect=false',
    '--secure-port=0',
    '--use-service-account-credentials=false',
    `--service-account-private-key-file=${layout.serviceAccountKey}`,
    `--root-ca-file=${layout.servingCertificate}`,
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
    '--concurrent-replicaset-syncs=20',
    '--concurrent-deployment-syncs=20',
    // The route and volume plugins look for a cloud or a host that isn't there.
    '--allocate-node-cidrs=false',
    '--configure-cloud-routes=false',
    '--profiling=false',
    '--v=1',
  ];
}

/** The scheduler's only argument is its configuration file. */
export function schedulerArguments(layout: Layout): readonly string[] {
  return [`--config=${layout.schedulerConfiguration}`, '--secure-port=0', '--v=1'];
}

/** The content of the scheduler's configuration file. */
export function schedulerConfiguration(layout: Layout): string {
  return JSON.stringify({
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    leaderElection: { leaderElect: false },
    clientConnection: { kubeconfig: layout.adminKubeconfig, qps: 500, burst: 1000 },
    podInitialBackoffSeconds: 1,
    podMaxBackoffSeconds: 2,
  });
}

/** kwok plays the kubelet of every node, by our own stages. */
export function kwokArguments(layout: Layout): readonly string[] {
  return [
    `--kubeconfig=${layout.adminKubeconfig}`,
    `--config=${stages}`,
    '--manage-all-nodes=true',
    '--node-lease-duration-seconds=40',
    '--server-address=',
  ];
}

/**
 * What is recorded of whom, without bodies: every request of members of a group, every deletion of a pod, and nothing else.
 *
 * @see https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/
 */
export function auditPolicy(group: string): string {
  return JSON.stringify({
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [
      { level: 'Metadata', userGroups: [group] },
      { level: 'Metadata', verbs: ['delete'], resources: [{ group: '', resources: ['pods'] }] },
      { level: 'None' },
    ],
  });
}
