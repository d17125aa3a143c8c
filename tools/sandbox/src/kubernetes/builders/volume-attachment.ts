import type { KubernetesObjectInput } from '../object/kubernetes-object.ts';

/** An attachment of a persistent volume to a node, by the EBS driver. */
export function volumeAttachment(options: {
  readonly name: string;
  readonly node: string;
  readonly volume: string;
}): KubernetesObjectInput {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'VolumeAttachment',
    metadata: { name: options.name },
    spec: { attacher: 'ebs.csi.aws.com', nodeName: options.node, source: { persistentVolumeName: options.volume } },
    status: { attached: true },
  };
}
