import { eventually } from '../wait.ts';
import type { Kube, Metadata, PodObject } from '../kube.ts';

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

/** Controllers whose pods scenarios have. */
export type WorkloadKind = 'Deployment' | 'StatefulSet' | 'DaemonSet';

/** Creates a controller; its pods come from the real one. */
export async function createWorkload(
  place: Place,
  kind: WorkloadKind,
  name: string,
  traits: PodTraits,
  replicas: number,
): Promise<Workload> {
  const { kube, namespace } = place;
  const labels = { app: name, ...traits.labels };
  await kube.create(`/apis/apps/v1/namespaces/${namespace}/${kind.toLowerCase()}s`, kind, {
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

/** A Job's one pod, and what became of the Job. */
export interface JobWorkload extends Workload {
  /** The types of its conditions that hold. */
  conditions(): Promise<readonly string[]>;
}

/**
 * Creates a Job that forgives no failure of its one pod but a disruption.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy
 */
export async function createJob(place: Place, name: string, traits: PodTraits): Promise<JobWorkload> {
  const { kube, namespace } = place;
  const labels = { app: name, ...traits.labels };
  const jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`;
  await kube.create(jobs, 'Job', {
    metadata: { name, namespace },
    spec: {
      backoffLimit: 0,
      podFailurePolicy: {
        rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
      },
      template: { metadata: podMetadata(labels, traits), spec: { ...podSpec(place, traits), restartPolicy: 'Never' } },
    },
  });
  return {
    name,
    labels,
    pods: async () => kube.list(`/api/v1/namespaces/${namespace}/pods`, { labelSelector: `app=${name}` }),
    async conditions() {
      const { status } = await kube.get<Pick<PodObject, 'status'>>(`${jobs}/${name}`);
      return (status?.conditions ?? []).filter((condition) => condition.status === 'True').map(({ type }) => type);
    },
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
  return kube.create(`/api/v1/namespaces/${namespace}/pods`, 'Pod', {
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

/** A VolumeAttachment as scenarios look at it. */
interface VolumeAttachment {
  readonly metadata: Metadata;
  readonly spec: { readonly attacher: string; readonly nodeName: string };
}

/** A volume that is attached to a node and in use there, as far as its kubelet has told. */
export interface AttachedVolume {
  /** The claim that a pod names to use it; make the pod before `attach`. */
  readonly claim: string;
  /** Plays the CSI driver and the kubelet: the volume is attached and mounted. */
  attach(nodeName: string): Promise<void>;
  /** Undefined once it is detached. */
  attachment(): Promise<VolumeAttachment | undefined>;
}

const attachments = '/apis/storage.k8s.io/v1/volumeattachments';

/**
 * Creates a driver, a volume and a claim that are bound to each other. The real attach-detach controller does the rest: it will not detach a
 * volume that the kubelet reports in use (for six minutes), unless the node is out of service.
 *
 * @see https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/#storage-force-detach-on-timeout
 */
export async function createVolume(kube: Kube, namespace: string, id: string): Promise<AttachedVolume> {
  const driver = `${id}.example.com`;
  const name = `volume-${id}`;
  const size = { storage: '1Gi' };
  const accessModes = ['ReadWriteOnce'];
  const metadata = { name };
  const required = { metadata: { name: driver }, spec: { attachRequired: true } };
  await kube.create('/apis/storage.k8s.io/v1/csidrivers', 'CSIDriver', required);
  await kube.create('/api/v1/persistentvolumes', 'PersistentVolume', {
    metadata,
    spec: {
      capacity: size,
      accessModes,
      storageClassName: '',
      claimRef: { namespace, name },
      csi: { driver, volumeHandle: name },
    },
  });
  const claims = `/api/v1/namespaces/${namespace}/persistentvolumeclaims`;
  await kube.create(claims, 'PersistentVolumeClaim', {
    metadata,
    spec: { accessModes, storageClassName: '', volumeName: name, resources: { requests: size } },
  });
  const bound = async () => {
    const { status } = await kube.get<{ status?: { phase?: string } }>(`${claims}/${name}`);
    return status?.phase === 'Bound';
  };
  await eventually(`claim ${name} to be bound`, bound, 60_000);
  const attachment = async () =>
    (await kube.list<VolumeAttachment>(attachments)).find(({ spec }) => spec.attacher === driver);
  return {
    claim: name,
    attachment,
    async attach(nodeName) {
      const { metadata } = await eventually(`${name} to be attached`, attachment, 60_000);
      await kube.patch(`${attachments}/${metadata.name}/status`, { status: { attached: true } });
      const volume = `kubernetes.io/csi/${driver}^${name}`;
      await kube.patch(`/api/v1/nodes/${nodeName}/status`, { status: { volumesInUse: [volume] } });
    },
  };
}
