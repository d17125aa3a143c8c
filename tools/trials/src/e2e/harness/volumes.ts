import { eventually } from '../../wait.ts';
import type { Kube } from './kube.ts';
import type { Metadata } from './objects.ts';

/** A VolumeAttachment as scenarios look at it. */
export interface VolumeAttachment {
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
  await kube.create('/apis/storage.k8s.io/v1/csidrivers', {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSIDriver',
    metadata: { name: driver },
    spec: { attachRequired: true },
  });
  await kube.create('/api/v1/persistentvolumes', {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: size,
      accessModes,
      storageClassName: '',
      claimRef: { namespace, name },
      csi: { driver, volumeHandle: name },
    },
  });
  const claims = `/api/v1/namespaces/${namespace}/persistentvolumeclaims`;
  await kube.create(claims, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
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
