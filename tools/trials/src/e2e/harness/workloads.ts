import type { Kube } from './kube.ts';
import type { PodObject } from './objects.ts';

/** How the pods of a workload behave. */
export interface PodTraits {
  /** Default 5. */
  readonly graceSeconds?: number;
  /** How long a pod takes to end. Default 0.2. */
  readonly endsAfterSeconds?: number;
  /** It outlives even its grace. */
  readonly hangs?: boolean;
  readonly emptyDir?: boolean;
  /** A persistent volume claim that it uses. */
  readonly claim?: string;
  readonly priorityClassName?: string;
  readonly finalizers?: readonly string[];
  /** It succeeds as soon as it runs. */
  readonly completes?: boolean;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Where a scenario's pods live: on its own nodes only. */
export interface Place {
  readonly kube: Kube;
  readonly namespace: string;
  /** The label that the scenario's nodes carry, and its pods ask for. */
  readonly nodeSelector: Readonly<Record<string, string>>;
}

/** A controller's pods. */
export interface Workload {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  pods(): Promise<readonly PodObject[]>;
}

/** Creates a Deployment, StatefulSet or DaemonSet; its pods come from the real controllers. */
export async function createWorkload(
  place: Place,
  kind: 'Deployment' | 'StatefulSet' | 'DaemonSet',
  name: string,
  traits: PodTraits & { readonly replicas?: number },
): Promise<Workload> {
  const { kube, namespace } = place;
  const labels = { app: name, ...traits.labels };
  const { replicas = 1 } = traits;
  await kube.create(`/apis/apps/v1/namespaces/${namespace}/${kind.toLowerCase()}s`, {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: { app: name } },
      ...(kind !== 'DaemonSet' && { replicas }),
      ...(kind === 'StatefulSet' && { serviceName: name, podManagementPolicy: 'Parallel' }),
      template: { metadata: podMetadata(labels, traits), spec: podSpec(place, traits) },
    },
  });
  return {
    name,
    labels,
    pods: async () => kube.list(`/api/v1/namespaces/${namespace}/pods`, { labelSelector: `app=${name}` }),
  };
}

/** Creates a pod that no controller looks after. */
export async function createPod(
  place: Place,
  name: string,
  nodeName: string,
  traits: PodTraits,
  owner?: { readonly apiVersion: string; readonly kind: string; readonly name: string; readonly uid: string },
): Promise<PodObject> {
  const { kube, namespace } = place;
  return kube.create(`/api/v1/namespaces/${namespace}/pods`, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...podMetadata({ app: name, ...traits.labels }, traits),
      name,
      namespace,
      ...(traits.finalizers && { finalizers: traits.finalizers }),
      ...(owner && { ownerReferences: [{ ...owner, controller: true }] }),
    },
    spec: { ...podSpec(place, traits), nodeName },
  });
}

function podMetadata(labels: Readonly<Record<string, string>>, traits: PodTraits) {
  const annotations: Record<string, string> = { ...traits.annotations };
  if (traits.endsAfterSeconds !== undefined)
    annotations['control-plane/terminates-after'] = `${traits.endsAfterSeconds}s`;
  if (traits.hangs === true) annotations['control-plane/hangs'] = 'true';
  if (traits.completes === true) annotations['control-plane/completes-after'] = '0s';
  return { labels, annotations };
}

function podSpec(place: Place, traits: PodTraits) {
  return {
    nodeSelector: place.nodeSelector,
    terminationGracePeriodSeconds: traits.graceSeconds ?? 5,
    automountServiceAccountToken: false,
    ...(traits.priorityClassName !== undefined && { priorityClassName: traits.priorityClassName }),
    volumes: [
      ...(traits.emptyDir === true ? [{ name: 'scratch', emptyDir: {} }] : []),
      ...(traits.claim === undefined ? [] : [{ name: 'data', persistentVolumeClaim: { claimName: traits.claim } }]),
    ],
    containers: [{ name: 'main', image: 'example.invalid/main:1' }],
  };
}
